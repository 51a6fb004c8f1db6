// Formats the Markdown files that are named, as `dprint fmt` does with its plugin for Markdown.
import { readFileSync, writeFileSync } from "node:fs";
import { createFromBuffer } from "@dprint/formatter";
import markdown from "@dprint/markdown";

const formatter = createFromBuffer(readFileSync(markdown.getPath()));
for (const filePath of process.argv.slice(2)) {
  writeFileSync(filePath, formatter.formatText({ filePath, fileText: readFileSync(filePath, "utf8") }));
}
