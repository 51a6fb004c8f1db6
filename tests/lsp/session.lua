-- A session in Neovim without a screen: attach, read what is found, complete, repair, rename, save.
-- Everything that was seen is written to the file `seen.json` beside this wiki.
local root, command = vim.fn.getcwd(), vim.json.decode(vim.env.WIKITOOLS_LSP)
local seen = {}

local function wait(test)
  assert(vim.wait(60000, test, 50), 'waited in vain')
end

local function found()
  local messages = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    table.insert(messages, string.format('%d:%d %s %s', each.lnum, each.col, each.code or '', each.message))
  end
  table.sort(messages)
  return messages
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 60000)
  for _, each in pairs(answers or {}) do
    assert(not (each.err or each.error), vim.inspect(each))
    return each.result
  end
end

local function finish()
  vim.fn.writefile({ vim.json.encode(seen) }, root .. '/seen.json')
  vim.cmd('qall!')
end

local function session()
  vim.cmd('edit waves.md')
  local id = assert(vim.lsp.start_client({ name = 'wikitools', cmd = command, root_dir = root }))
  vim.lsp.buf_attach_client(0, id)
  local client = vim.lsp.get_client_by_id(id)
  wait(function() return client.initialized end)

  -- What is typed is found before it is saved, behind characters of two units.
  vim.api.nvim_buf_set_lines(0, 3, 3, false, { '', 'Of 😀 [[nowhere]], (doe', '' })
  wait(function() return #vim.diagnostic.get(0) == 1 end)
  seen.found = found()

  -- A citation is completed, and inserted as Neovim does it.
  vim.api.nvim_win_set_cursor(0, { 5, #vim.fn.getline(5) })
  local at = vim.lsp.util.make_position_params(0, client.offset_encoding)
  -- Only while one inserts, the cursor stands behind the last letter.
  at.position.character = at.position.character + 1
  local list = ask('textDocument/completion', at)
  seen.proposed = {}
  for _, each in ipairs(list.items) do table.insert(seen.proposed, each.label) end
  vim.lsp.util.apply_text_edits({ list.items[1].textEdit }, 0, client.offset_encoding)

  -- A repair of what was found.
  vim.api.nvim_win_set_cursor(0, { 5, 10 })
  local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  params.context = { diagnostics = {} }
  for _, each in ipairs(ask('textDocument/codeAction', params)) do
    if each.title == 'Silence broken-wikilink here' then
      vim.lsp.util.apply_workspace_edit(each.edit, client.offset_encoding)
    end
  end
  wait(function() return #vim.diagnostic.get(0) == 0 end)

  -- A heading of another page is renamed through a link to it.
  local line = vim.fn.search('moon#Phases')
  vim.api.nvim_win_set_cursor(0, { line, (vim.fn.getline(line):find('Phases')) })
  local place = vim.lsp.util.make_position_params(0, client.offset_encoding)
  place.newName = 'Names of it'
  vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', place), client.offset_encoding)

  -- And the page, by its name.
  vim.api.nvim_win_set_cursor(0, { line, (vim.fn.getline(line):find('moon')) })
  place = vim.lsp.util.make_position_params(0, client.offset_encoding)
  place.newName = 'Selene'
  seen.renames = #(ask('textDocument/rename', place).documentChanges or {})
  vim.lsp.util.apply_workspace_edit(ask('textDocument/rename', place), client.offset_encoding)
  vim.cmd('silent wall')
  seen.left = found()
end

local done, why = xpcall(session, debug.traceback)
if not done then seen.error = why end
finish()
