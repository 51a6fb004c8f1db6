"""Word lists for the citation grammar: what joins authors, what is not an author, what names a part of a work."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """Return the words of `text`, which are separated by blanks."""
    return frozenset(text.split())


AND = word_set("and & y e und et och og en i и și та 和 与 與 및 と")
"""Joins the last author to those before; folded, in the languages that the evidence shows."""

MONTHS = word_set(
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec januar februar marz mai juni juli oktober dezember janvier fevrier mars avril juin "
    "juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro spring "
    "summer autumn fall winter monday tuesday wednesday thursday friday saturday sunday "
    "yesterday today tomorrow"
)
"""Folded names of months, seasons and days: with a year they are dates."""

SENTENCE_WORDS = word_set(
    "a about above according accordingly additionally adapted adopted after afterwards again against all already also "
    "although among amongst an and another any apart apparently are as at based be because before beginning behind "
    "below besides between beyond both but by cf citing cited citation clearly commonly compare compared conversely "
    "consistent contrary contra consequently currently data despite did do does due during each earlier early either "
    "eg elsewhere especially even eventually ever every evidence example except few finally first firstly following "
    "follows for former from further furthermore given had has have he hence her here herein his historically how "
    "however i ibid ie if importantly in inc including indeed initially instead interestingly into is it its itself "
    "just lastly later latest latter less like likewise many more moreover most much my namely nevertheless next no "
    "nonetheless nor not notably note now of often on once one only or original originally other others otherwise our "
    "over overall own particularly per perhaps personal possibly prior previously probably re recent recently "
    "reference references regarding replicating review reviewed reviews s secondly see seen she similar similarly "
    "simultaneously since so some sometimes source sources specifically still strikingly subsequent subsequently such "
    "surprisingly than that the their them then there thereafter therefore these they this those though three through "
    "throughout thus to together too toward towards traditionally two ultimately under unfortunately unless unlike "
    "until up upon us used using usually various version versus very via vs was we were what whatever when whenever "
    "where whereas wherein whether which while who whom whose why will with within without work works would yet you "
    "your siehe vgl nach laut bei wie auch und oder der die das ein eine im am seit von zur voir selon dapres dans "
    "avec pour par comme le la les un une des en depuis ver vease segun para por como el los las con apud conforme "
    "segundo em na de da os"
)
"""Folded words that begin a sentence, a clause or a bracket and are not authors."""

NOT_AUTHORS = word_set(
    "fig figs figure figures table tables tab tabs section sections sec secs chapter chapters ch eq eqs equation "
    "equations appendix appendices box boxes panel panels plate plates map page pages vol volume volumes issue number "
    "nos note notes supplement supplementary supplemental material materials video movie file files dataset method "
    "methods results discussion introduction part step year years since until circa ca version ver release build "
    "conference challenge proceedings workshop symposium congress meeting neurips nips icml iclr cvpr iccv eccv acl "
    "emnlp naacl aaai ijcai sigir chi kdd interspeech icassp isbn issn doi pmid accessed retrieved updated copyright "
    "license update alpha beta draft preprint preview prototype snapshot patch upgrade reprint paperback hardcover "
    "manuscript translation intro preface foreword prologue epilogue afterword conclusion excerpt verify todo tbd "
    "hrsg hg aufl"
)
"""Folded words before a number that make it a part of a work, a meeting or an edition, not an author's year."""

KINDS_OF_WORK = word_set(
    "album article audiobook blog book documentary drawing ebook essay fiction film game hardback hardcover lecture "
    "memoir movie musical nonfiction novel novella opera paper paperback play podcast poem poster preprint print "
    "report reprint revised series show single song speech story talk television thesis video website"
)
"""Folded words that say in a bracket what is from a year: "(film, 1999)"."""

ROLES = word_set("ed eds editor editors hrsg hg trans comp dir coord red")
"""Folded words for what people did for a work, after their names: "Flann, ed. 1976"."""

PUBLISHERS = word_set(
    "press publishing publisher publishers publications verlag books university college up edition editions ed eds "
    "journal review letters bulletin quarterly annals archives transactions proceedings nature science inc "
    "ltd llc gmbh act bill treaty amendment"
)
"""Folded words of publishers, journals and laws, which occur in brackets with a year and are not authors."""

PLACES = word_set(
    "afghanistan albania algeria argentina australia austria bangladesh belgium bolivia brazil britain bulgaria "
    "cambodia cameroon canada chile china colombia croatia cuba cyprus czechia denmark ecuador egypt estonia ethiopia "
    "europe finland france germany ghana greece guatemala haiti honduras hungary iceland india indonesia iran iraq "
    "ireland israel italy jamaica japan kenya korea kuwait latvia lebanon libya lithuania luxembourg malaysia mexico "
    "morocco mozambique namibia nepal netherlands nicaragua nigeria norway pakistan panama paraguay peru philippines "
    "poland portugal romania russia rwanda scotland serbia singapore slovakia slovenia somalia spain sudan sweden "
    "switzerland syria taiwan tanzania thailand tunisia turkey uganda ukraine uruguay venezuela vietnam wales yemen "
    "zambia zimbabwe us usa uk uae ussr eu un africa asia america alaska arizona california colorado connecticut "
    "florida hawaii illinois massachusetts michigan minnesota nebraska oregon pennsylvania texas utah wisconsin "
    "amsterdam beijing berlin boston brussels cambridge chicago copenhagen edinburgh geneva leiden london madrid "
    "moscow munich oxford paris philadelphia princeton rome seoul shanghai stockholm tokyo toronto vienna york new "
    "north south east west american british chinese dutch english european french german italian japanese latin "
    "portuguese russian spanish"
)
"""Folded names of places where things happen ("Iran 1953") or books are published, and of their languages."""

BODIES = word_set(
    "academy agency alliance association authority bank board bureau center centre coalition collaboration commission "
    "committee community consortium corporation council department directorate federation foundation group initiative "
    "institute institution laboratory lab ministry network observatory office organisation organization panel "
    "programme secretariat service society subcommittee subgroup survey taskforce team"
)
"""Folded words that names of organisations end with."""

BEFORE_AUTHORS = word_set(
    "see also cf by after following per as from eg ie apud fide sensu via contra compare unlike e g siehe vgl nach "
    "laut voir selon ver vease segun conforme segundo whereas"
)
"""Folded words that introduce the authors of a work."""

SAYING = word_set(
    "acknowledge acknowledges address addresses addressed advocate advocates advocated agree agrees agreed analyse "
    "analyses analysed analyze analyzes analyzed apply applies applied argue argues argued assess assesses assessed "
    "assert asserts asserted assume assumes assumed call calls called calculate calculates calculated characterise "
    "characterises characterize characterizes cite cites cited claim claims claimed classify classified coin coined "
    "collected combine combines combined compare compares compared compute computes computed conclude concludes "
    "concluded conduct conducted confirm confirms confirmed conjecture conjectures conjectured consider considers "
    "considered construct constructs constructed contend contends contended criticise criticises criticised criticize "
    "criticizes criticized define defines defined demonstrate demonstrates demonstrated derive derives derived "
    "describe describes described detail details detailed determine determined develop develops developed discuss "
    "discusses discussed dispute disputes disputed distinguish distinguishes distinguished document documents "
    "documented emphasise emphasises emphasised emphasize emphasizes emphasized employ employs employed establish "
    "establishes established estimate estimates estimated evaluate evaluates evaluated examine examines examined "
    "explain explains explained explore explores explored extend extends extended find finds formalise formalises "
    "formalised formalize formalizes formalized formulate formulated found frame frames framed generalise generalises "
    "generalised generalize generalizes generalized give gives gave highlight highlights highlighted hold holds held "
    "hypothesise hypothesised hypothesize hypothesized identify identifies identified illustrate illustrates "
    "illustrated include includes included indicate indicates indicated interpret interprets interpreted introduce "
    "introduces introduced investigate investigates investigated list lists listed maintain maintains maintained "
    "measure measures measured mention mentions mentioned model models modeled modelled note notes noted observe "
    "observes observed obtain obtains obtained offer offers offered outline outlines outlined point points pointed "
    "posit posits posited postulate postulates postulated predict predicts predicted prefer prefers present presents "
    "presented propose proposes proposed prove proves proved provide provides provided publish published question "
    "questions questioned quote quotes quoted recognise recognised recognize recognized recommend recommends "
    "recommended record recorded refer refers referred regard regards regarded reject rejects rejected remark remarks "
    "remarked report reports reported review reviews reviewed revise revised say says said saw see sees show shows "
    "showed shown speculate speculates speculated state states stated stress stresses stressed studied studies study "
    "suggest suggests suggested summarise summarises summarised summarize summarizes summarized survey surveys "
    "surveyed synonymised synonymized take takes took teach teaches taught test tests tested think thinks thought "
    "transferred treat treats treated trace traces traced translate translated try tried use uses used view views "
    "viewed warn warns warned write writes wrote"
)
"""Verbs whose subject is authors, as after "Carlsmith (2023)"."""

RELATING = SAYING | word_set(
    "adapts adapted adopts adopted amends amended attacks attacked builds challenges challenged contradicts "
    "contradicted corrects corrected disproves echoes enriches expands expanded follows generalises generalizes "
    "improves improved inspired inspires modifies modified opposes opposed precedes preceded reframes reframed refutes "
    "refuted repeats repeated replaces replaced replicates replicated reproduces reproduced resembles rests restates "
    "retracts simplifies simplified supersedes superseded supports supported undercuts unifies validates validated "
    "anticipates anticipated answers answered applies bridges clarifies complements complemented complicates contrasts "
    "counters countered critiques critiqued debunks deepens draws elaborates exemplifies extrapolates foreshadows "
    "grounds implements informs informed instantiates invokes links mirrors motivates motivated overturns overturned "
    "parallels popularises popularized popularizes qualifies qualified reanalyses reanalyzes rebuts rebutted "
    "reconciles reconsiders rediscovers refines refined reinforces reinterprets relaxes responds revisits revisited "
    "strengthens subsumes subverts supplements synthesises synthesizes tempers underlies underpins updates updated"
)
"""Verbs that a sentence or a label may begin with before the authors of a work: "Extends Bender & Koller (2020)"."""

LOCATORS = word_set(
    "pp p pages page pg chapters chapter chaps chap ch cap kap sections section secs sec sect figures figure figs fig "
    "tables table tab theorem thm lemma proposition prop corollary definition def equations equation eqs eqn eq "
    "paragraphs paragraph paras para appendix app volume vol part pt note footnote fn n lines line plates plate pl "
    "book bk algorithm alg box s"
)
"""Words that open a locator, in lower case."""

NO_DATE = {
    "in press": "in press", "in-press": "in press", "im druck": "in press", "sous presse": "in press",
    "en prensa": "in press", "forthcoming": "forthcoming", "to appear": "forthcoming", "im erscheinen": "forthcoming",
    "à paraître": "forthcoming", "n.d.": "n.d.", "n. d.": "n.d.", "no date": "n.d.", "o.j.": "n.d.", "o. j.": "n.d.",
    "s.d.": "n.d.", "s. d.": "n.d.", "undated": "n.d.", "s.f.": "n.d.", "in prep.": "in prep.", "in prep": "in prep.",
    "in preparation": "in prep.", "in review": "in review", "under review": "in review", "submitted": "submitted",
    "accepted": "in press",
}  # fmt: skip
"""Dates of another kind, as printed (in lower case), and what they are called in `Citation.year`."""

UNFINISHED = frozenset(("in prep.", "in review", "submitted"))
"""Those of manuscripts, which no bibliography can list."""
