r"""The tables of the lexicon: word lists and patterns of the five cue types that words give away.

How to read a table of rules: a line `0.9 pretext|guise` opens a rule, with its score and its gates; the indented lines
below it are the parts of one regular expression, joined without a blank. `@NAME` stands for the word list of that name.
Patterns are tried on the text in lower case with straight apostrophes, those of a rule that ends in `cased` on the text
itself. Where look-behinds open a pattern, `\b` or a look-ahead stands before them, since that fails fast.

Word lists come from the codebook and from reading the training part of the cue corpus; scores are precisions measured
on it (strictly right spans over all spans of the rule), rounded to 0.05.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple


class Rule(NamedTuple):
    """One pattern of a cue type.

    Attributes:
        label: the cue type.
        score: share of the rule's spans that are right on the training part.
        gates: lower-case strings; the pattern is tried only on a text that holds one of them, which keeps it fast.
        pattern: what it matches is the span.
        cased: match the text as it is; else a copy in lower case with straight apostrophes.
    """

    label: str
    score: float
    gates: tuple[str, ...]
    pattern: re.Pattern[str]
    cased: bool


def alternatives(words: str) -> str:
    """Make an alternation of words divided by white space, longest first; `_` stands for a blank inside one."""
    return "(?:" + "|".join(sorted((word.replace("_", " ") for word in words.split()), key=len, reverse=True)) + ")"


def _not_after(words: str) -> str:
    """Refuse a match behind one of the words; `re` wants one look-behind a width."""
    return "".join(f"(?<!{word.replace('_', ' ')} )" for word in words.split())


_LISTS: Final = {
    # pretext: what opens the reason belongs to the span, except `not to`; words between `under` and `pretext`
    "OPENS": r"(?: (?:to(?! not)|for|that|of)\b)",
    "FALSE": alternatives(
        "false various different new flimsy baseless absurd other one thin mere flimsiest_of this its political "
        "completely trumped_up"
    ),
    # distancing: verbs of `what he calls`; objects and owners of a claim that is no statement
    "CALLS": alternatives(
        "call calls called describe describes described term terms termed deem deems deemed label labels labeled "
        "labelled characterize characterizes characterized dubs dubbed claim claims claimed considers"
    ),
    "NO_CLAIM": r"(?: (?:a |the |full |sole |no |any |all |its |his |her |their )?"
    + alternatives(
        "responsib victor victim benefit insurance lives life credit title right top crown presidency nomination "
        "mantle throne asylum damage vindication ownership territor land\\b seat prize majority success support "
        "refugee status unemployment privilege executive jobless minority political first interest spot win stake "
        "mandate share sovereignty"
    )
    + r"| (?:to fame|of responsib|for (?:unemployment|jobless|damages|benefits|insurance|asylum)))",
    "NO_CLAIM_BEFORE": _not_after(
        "insurance land jobless benefit benefits unemployment medical court immunity legal prosecution' asylum "
        "immediate health initial damages disability attack to_claim"
    ),
    # terrorist_designation: actors and classes that stand inside the span. No entry may be made of two others, here
    # and in SIDE: a repeated group that can read one text in two ways takes exponential time
    "ACTOR": alternatives(
        "isis isil daesh hamas hezbollah taliban al-qaeda al_qaeda al-qaida al_qaida qaeda "
        "boko_haram haqqani mek mko pkk al-shabab al-shabaab al-nusra nusra antifa kkk daesh_\\(isil\\) isis/isil "
        "jihad radical islamic islamist muslim violent domestic foreign international global takfiri "
        "jihadist extremist sunni right-wing left-wing far-right far-left far_right far_left rightwing leftwing "
        "alt-right neo-nazi supremacist white_supremacist white_nationalist religious environmental economic "
        "political medical ideological racist state-sponsored narco eco cyber homegrown anti-government designated "
        "proscribed outlawed banned lone-wolf state u.s.-designated un-designated internationally_designated "
        "internationally-designated armed specially_designated transnational christian jewish hindu terrorist "
        "nuclear police governmental militant"
    ),
    "MIDDLE": "(?:(?:insurgent|militant|separatist|rebel|islamist|(?:and|or) (?:extremist|terrorist|insurgent)|"
    "political|armed|israeli|jewish) )*",
    # words behind a terrorist adjective that are no head of its phrase, or that make a topic of it
    "NO_HEAD": r"(?!(?:that|with|from|when|while|where|have|were|will|would|could|should|been|because|after|before|"
    r"than|"
    r"then|this|they|into|over|more|most|also|watch|screening|content|propaganda|list\w*|ideolog\w*|views?\b|"
    r"viewpoints?|"
    r"politics|positions?|rhetoric|who|which|islamist|whose|during|until|against|about|under|within|like|even|just|"
    r"only|"
    r"says|said|being|islamic|such|recruitment|financing|material\w*|nationalism|\w+(?:ed|ly)\b|threat\b|risk\b|"
    r"legislation|definition|label\b|might|must|does|those|their|there|what|each|once|since|though))",
    "LISTED": r"(?:re-?)?(?:designat(?:ed|es?|ing|ion of)|blacklist(?:ed|ing)|proscrib(?:ed|es?|ing)|"
    r"outlaw(?:ed|s|ing)|classif(?:ied|ies|y|ying)|listed|label(?:l?ed|s|l?ing)?|brand(?:ed|ing)|recogni[sz]ed|banned)",
    "LISTED_AS": r"[\"“‘']?(?:(?:specially designated|foreign|global|domestic|international|islamic) ){0,2}"
    r"(?:state sponsors? of terror(?:ism)?|(?:terrorist|terror|extremist)s?"
    r"(?: (?:group|organi[sz]ation|entit(?:y|ie)|state|outfit|movement|attack|act)s?)?)\b[”’\"]?",
    "TOPIC": r"(?! (?:watch|screening|index|act\b|law|task|list|studies|unit|expert|analyst|scholar|charge|statute|"
    r"investigat|financing act|threat|case))",
    # group_label: modifiers that belong to the label, and the nouns that an adjectival label takes along
    "SIDE": r"(?:(?:islamist|islamic|radical|leftist|left-wing|far-left|right-wing|far-right|liberal|"
    r"conservative|communist|socialist|marxist|fascist|street|union|immigration|policy|sunni|shiite|"
    r"militant|catholic|white|social-justice|eco-|anti-government|armed|foreign|zionist|puppet|neo-nazi) ?)*",
    "BAND": alternatives(
        "group groups organization organizations organisation organisations leader leaders faction factions force "
        "forces movement movements cell cells fighters wing army network networks commander commanders"
    ),
    "MOB": alternatives(
        "angry lynch lynching internet twitter online left-wing leftist far-left liberal woke right-wing racist "
        "raging rage digital outrage antifa democrat social_media liberal_media pitchfork radical"
    ),
    "ELITE": alternatives(
        "political media liberal global washington hollywood coastal corporate cultural economic fascist governing "
        "ruling educated business progressive power d.c. metropolitan urban globalist beltway financial left-wing "
        "wealthy western and academic intellectual"
    ),
    "NO_REGIME_BEFORE": _not_after(
        "sanctions sanction tax visa legal trade testing nonproliferation proliferation regulatory inspection "
        "inspections peace treaty verification"
    ),
    # sponsor_label: powers, and first parts of compounds that are no power but a party, a funder at home or an adverb
    "POWER": alternatives(
        "u.s. us usa united_states american america washington russian russia russians moscow kremlin putin soviet "
        "soviet_union iranian iran tehran saudi saudis saudi_arabia riyadh israeli israel zionist chinese china "
        "beijing turkish turkey ankara qatari qatar doha uae emirati egyptian egypt syrian syria assad ukrainian uk "
        "british britain french nato western west un u.n. eu al-qaeda al_qaeda qaeda al-qaida al_qaida qaida isis "
        "isil daesh islamic_state hamas hezbollah taliban muslim_brotherhood brotherhood pkk irgc houthi cia koch "
        "soros george_soros bloomberg steyer adelson mercer shiite sunni kurdish palestinian foreign haftar nra "
        "tea_party islamist north_korean north_korea pakistani gulf arab african_union rwandan cuban venezuelan"
    ),
    "NO_POWER": "(?!"
    + alternatives(
        "republican democratic democrat gop house senate well self employer taxpayer student black non long facebook "
        "google amazon race market under over federally publicly privately fully family women woman minority "
        "government state white labor union party police bank company veteran jointly newly nuclear ill department "
        "pentagon federal nations church military army close loosely closely better dis un re best cross hand home "
        "science peer fact doctor crowd debt asset mortgage gold industry court committee parent internationally "
        "politically inter cancer gang drug heavily then afghan community trump clinton obama bipartisan stimulus "
        "israeli investor venture locally city county school lawfully right constitutionally administration donor "
        "corporate eu aclu nasa"
    )
    + "-)",
    "MEDIUM": r"(?= (?:[\w.'-]+ ){0,4}?(?:media|television|tv|news\w*|agency|broadcasters?|radio|press|channels?|"
    r"outlets?|"
    r"xinhua|irna|tass|propaganda|hackers?|paper|rt\b|interference|global times|daily))",
    "SPONSORED": r"(?:(?:backed|funded|financed|bankrolled|sponsored|armed|trained|supported|controlled|created|"
    r"equipped|"
    r"aided|paid)(?:,? (?:and )?(?:backed|funded|financed|sponsored|armed|trained|supported|controlled|equipped))* by|"
    r"(?:affiliated|aligned|connected|linked|tied|allied|associated) (?:with|to)|with (?:ties|links|connections) to)",
    # names in the text as it is; one of their words must be a power's; `U.S.` may end one, a full stop not
    "NAME_WORD": r"(?:U\.S\.|[A-Z]\. |[A-Z][\w’'-]*\w)",
    "NAME_HEAD": r"(?:(?:the|billionaires?|[a-z]+ian|investor|donor|magnate|militant group|government of) )*",
    "NAME_POWER": r"(?:U\.S\.(?! [Cc]hamber| taxpayers)|U\.?K\b|United States|America|Washington|Russian?s?|Moscow|"
    r"Kremlin|Putin|Soviet Union|Iran(?:ian)?|Tehran|Saudis?|Riyadh|Israeli?|Zionist|Chinese|China|Beijing|Turkey|"
    r"Qatar|"
    r"Egypt|Syria|Assad|Ukrain\w+|Britain|France|NATO|West|[Aa]l[- ][Qq]a(?:eda|ida)|ISIS|Islamic State|Islamist|Daesh|"
    r"Hamas|Hezbollah|Taliban|Muslim Brotherhood|PKK|IRGC|Kurdish|Houthis?|CIA|Koch\w*|Soros|Bloomberg|Steyer|Adelson|"
    r"Mercer|Saddam|Haqqani|Palestinian)(?!\w)",
    "NAME_TAIL": r"(?: (?:government|intelligence(?: officials| services)?|network|brothers|oligarchs?|regime|"
    r"royal court|"
    r"insurgents|militant groups?|militants|officials|separatists|forces?|rebels?|agents?|troops|billionaires?|hackers|"
    r"allies|state|arm|authorities))*",
    "NAME": "@NAME_HEAD(?:@NAME_WORD[ -]?){0,3}?@NAME_POWER(?:['’]s(?= [A-Za-z]))?"
    "(?:[ -](?:of (?:the )?|in the )?@NAME_WORD)*@NAME_TAIL",
}


def filled(pattern: str, lists: Mapping[str, str]) -> str:
    """Put the word lists in the place of their names; a list may name others."""
    while "@" in pattern:
        pattern = re.sub(r"@([A-Z_]+)", lambda match: lists[match.group(1)], pattern)
    return pattern


def entries(table: str) -> list[tuple[str, str]]:
    """Read a table: pairs of a head line and the pattern below it."""
    found: list[tuple[str, str]] = []
    for line in table.strip().splitlines():
        if line[0].isspace():
            head, pattern = found[-1]
            found[-1] = head, pattern + line.strip()
        else:
            found.append((line, ""))
    return found


def _rules(label: str, table: str) -> tuple[Rule, ...]:
    """Read a table of rules."""
    rules = []
    for head, pattern in entries(table):
        score, gates = head.removesuffix(" cased").split(" ", 1)
        compiled = re.compile(filled(pattern, _LISTS))
        rules.append(Rule(label, float(score), tuple(gates.split("|")), compiled, head.endswith(" cased")))
    return tuple(rules)


RULES: Final = (
    *_rules(
        "pretext",
        r"""
0.9 pretext
    \b(?!under (?:any|no) )(?<!under any )(?<!under no )(?:(?:under|on|at|with|as) (?:(?:the|a|an|some) )?(?:@FALSE )*
    (?:or another )?)?pretext(?:s|ual|ually)?\b(?: or another)?@OPENS?
0.9 guise|cover
    \b(?:under|in|behind) (?:the )?(?:false )?(?:guise|disguise) (?:of|that)\b(?! (?:a|the) (?:set|prince|working
    |tea)\b)
    |\bunder (?:the )?cover of\b(?! (?:dark|night|fog|the night|anonym|umbrella|fighter|a ))
    |\bas (?:a )?cover (?:for|to)\b|\b(?:thin )?guise (?:of(?= \w+ing\b)|for\b)
0.7 smokescreen|smoke-screen|fig leaf|fig-leaf|facade
    \bas (?:a|an) (?:smoke-?screen|fig[ -]leaf)\b(?: (?:to|for)\b)?|\b(?:smoke-?screen|fig[ -]leaf)\b(?: for\b)?
    |\bas a facade\b
0.95 excuse
    \bas (?:an )?excuse(?: (?:to(?! not)|for)\b)?(?= ?[^.?!])|\bas an excuse\b
    |(?<!never an )(?<!not an )\b(?:(?<=an )|(?<=the )|(?<=another )|(?<=convenient ))excuse (?:to|for)\b
0.9 ostensibl|supposedly|purportedly
    \bostensibly(?=,? (?:(?:to|for)\b(?! be\b)|(?:called|created|set up|there|done|sent|established|passed) to\b|
    (?:because|in (?:order|the name|response|support)|over|aimed|meant|intended|designed|seeking|due|about|
    on (?:the )?(?:grounds|basis)|as (?:a|part))\b))|\b(?:supposedly|purportedly),? to\b(?! be\b)
    |\bostensible(?= (?:reason|purpose|goal|aim|justification|motiv|rationale|cause|explanation|mission|excuse|hope|
    basis|ground|target|concern))
0.5 in the name of
    \b(?:(?<=all )|(?<=, )|(?<=supposedly )|(?<=ostensibly )|(?<=done )|(?<=[.] )|(?<=justified ))in the name of\b
    (?! (?:god|allah|jesus|islam|religion|his|her|my|the|peace|justice|all|those|survival)\b)
    |\bin the name of(?= (?:["“‘']|(?:national |public )?(?:security|safety|health)\b|freedom|diversity|tolerance|
    efficiency|religious|democracy|human|equality|free speech|political correctness|progress|patriotism))
0.95 false flag|false-flag
    \bfalse[ -]flags?\b
0.9 veiled
    \b(?:thinly|barely)[ -]veiled(?= (?:attempt|effort|excuse|pretext|message|ploy|bid|cover|disguise|campaign|way|push|
    ban|plan|muslim|racis|plea|call|appeal|bigot|anti|argument|attack on))
""",
    ),
    *_rules(
        "distancing",
        r"""
0.95 so-called|so called|self-|alleg|purport|reputed|baseless|unfounded|groundless|unverified|unsubst|uncorr|unsupported
    \bso[- ]called\b|\bself-(?:styled|proclaimed|declared|described|professed)\b|\b(?:allege[ds]?|allegedly
    |allegations?|
    alleging|reputed|baseless|baselessly|unfounded|groundless|unverified|unsubstantiated|uncorroborated|
    unsupported(?= (?:claim|alleg|assertion|accus)))\b|\b(?:purported|purportedly|purports?|purporting)\b
    (?!,? to (?!be\b|show|have|describe|contain|prove|depict|speak|represent))
0.85 suppos|ostensibl|unproven|would-be
    \bsupposedly\b(?!,? to (?!be\b|have\b))|\bsupposed\b(?! to\b)|\bostensibl[ey]\b|\bunproven\b
    |\bwould-be(?= (?:assassin|attack|bomber|terror|kill|hijack|jihad|shooter|plotter|murder|thie|robber|authorit|
    dictator|reform|coup|rapist|burglar|savior|saviour|tyrant|autocrat|revolution|gunm|suicide|intrud))
0.8 claim
    \b(?=claim)@NO_CLAIM_BEFOREclaim(?:s|ed|ing)?\b(?!@NO_CLAIM|-| by (?:the )?(?:is|isis|isil|islamic)\b)
    (?! (?:\d|more than|at least|nearly|hundreds|thousands|dozens|another))
0.7 what
    \bwhat (?!(?:is|are|was|were|do|does|did|to|would|should|could|might|will|i|we|you)\b)
    (?:[\w'-]+ |[a-z]{1,4}\. ){1,5}?
    (?:(?:has|have|had) )?@CALLS(?: as| to be| was| were| is| are)?\b(?! (?:for|on|in|him|her|me|you|us|into)\b)
    |\bwhat [a-z]+ (?:says?|said|sees?|saw|views?|viewed|believes?|believed|perceives?|alleged) (?:as|is|was|are|were)\b
0.9 evidence|proof|unconfirmed|nominally
    \bwithout (?:(?:providing|citing|offering|presenting|giving|any|showing) )*(?:(?:any|specific|credible|clear|
    supporting) )*(?:evidence|proof)\b(?! of\b)|\bunconfirmed\b(?= (?:claim|report|alleg))|\bnominally\b
""",
    ),
    *_rules(
        "terrorist_designation",
        r"""
0.75 designat|blacklist|proscrib|outlaw|classif|listed|label|brand|recogni|banned
    \b@LISTED (?:[\w.'’-]+ ){0,5}?(?:as |to be )?(?:an? )?@LISTED_AS|\bdesignation as (?:a )?@LISTED_AS
    |\b(?:terrorist|fto|terrorism) designations?\b
0.65 outlawed|banned|proscribed
    \b(?:@ACTOR )*(?:terrorist|extremist) (?:group|organi[sz]ation)s?,? (?:which is )?\(?(?:banned|outlawed
    |proscribed)[ ]
    in (?:the )?[a-z]+(?: federation)?\b|(?<=\()(?:a (?:terrorist|extremist) (?:group|organi[sz]ation) )?
    (?:banned|outlawed|proscribed) in (?:the )?[a-z]+(?: federation)?\b
0.75 of terror|for terror|sponsor|terrorist org
    \b(?:list of (?:state sponsors of terror(?:ism)?|(?:foreign )?terrorist organi[sz]ations)|(?:chief )?(?:state )?
    (?:sponsor(?:s|ship)?|exporters?|supporters?|enablers?|incidents?|cesspool|hotbeds?) of (?:@ACTOR )*terror(?:ism)?
    |acts? of (?:@ACTOR )*terror(?:ism)?|(?:campaign|forces?) of terror(?:ism)?|support for terror(?:ism)?)\b@TOPIC
0.8 terrorist|extremist|jihadi
    \b(?<!anti-)(?<!counter-)(?:@ACTOR[ -])*(?:(?:terrorist|extremist|jihadist|jihadi)
    (?: and [a-z-]+(?= (?:groups|organi[sz]ations)))?(?: @MIDDLE@NO_HEAD[a-z]{4,}|(?: (?:act|hit|tie|aim)s?))\b
    |terrorists|extremists|jihadists|jihadis|terrorist(?! watch| screening|-related| content| propaganda| list| no)
    |jihadist(?! ideology)|extremist(?! ideolog| content| propaganda| view| politics| positions| rhetoric| islamist))
    \b(?!-)
0.9 terror
    \b(?<!counter-)(?<!anti-)(?<!war on )(?:@ACTOR[ -])*terror(?:ism)? (?:and extremist )?(?:group|attack|
    network|cell|plot|suspect|organi[sz]ation|outfit|target|leader|act(?=s)|tie(?=s)|state|army|detainee|mastermind|
    strike|campaign|regime|activity|activitie(?=s)|operative|sponsor|camp|tunnel|incident|infrastructure)s?\b
0.7 terrorism
    \b(?<!counter-)(?<!anti-)(?<!about )(?:domestic|economic|state|medical|police|political|environmental|jihadist|
    psychological|governmental|judicial|media|isis|daesh|ideological) terrorism\b@TOPIC
    |(?=terrorism)(?:(?<=accused of )|(?<=accuses of )|(?<=convicted of )|(?<=guilty of )|(?<=sponsoring )|
    (?<=supporting )|(?<=funding )|(?<=exporting )|(?<=supports )|(?<=sponsors )|(?<=financing )|(?<=committed )|
    (?<=this is )|(?<=promoting )|(?<=call it )|(?<=pure )|(?<=aiding )|(?<=exports )|(?<=suspected ))terrorism\b
    (?! (?:and|or))@TOPIC
""",
    ),
    *_rules(
        "group_label",
        r"""
0.85 regime
    \b(?=[acdfimoprtz])@NO_REGIME_BEFORE(?:(?:zionist|communist|radical|islamist|islamic|military|occupation|occupying|fascist|apartheid|
    puppet|theocratic|totalitarian|authoritarian|autocratic|dictatorial|rogue|marxist) )*regimes?\b
    (?! (?:change|of (?:sanction|tax|inspect)))
0.85 militant|insurgent|thug|hardliner|hard-liner|radicals
    \b@SIDE(?:militants|insurgents|thugs?|hard-?liners?|radicals)\b|\b(?:(?:islamist|islamic|radical|sunni|shiite) )*
    (?:militant|insurgent)(?: (?:islamist|islamic|palestinian|shiite|sunni|kurdish))* @BAND\b
    |\b(?:islamist |islamic |leftist )?militant\b(?! (?:normal|vegan|atheis|group|attack))
0.95 illegal|unlawful
    \billegal[- ](?:(?:mexican|alien|immigrant|criminal|foreign) )?(?:immigrants?|aliens?|migrants?|workers)
    (?: (?:children|invaders|kids|families))?\b|\billegals\b|\bunlawful immigrants\b
0.7 white supremac|white nationalis|white-supremac
    \bwhite[- ](?:supremacist|nationalist)(?:s| @BAND| advisers?)\b
0.6 elite
    \b(?!(?:and|academic) )(?:@ELITE )*(?:@ELITE elites?
    |(?<!party )(?<!party's )(?<!gop )(?<!republican )(?<!democratic )
    elites|elite(?: media| establishment))\b
0.55 mob
    \b(?:@MOB )+mobs?\b|(?<!flash )(?<!violent )(?<!unruly )(?<!angry )\bmob\b
    (?! (?:boss|rule|action|justice|mentality|ties|figure|family|violence|hit|attacks|lawyer))
0.75 radical
    \bradical (?:left(?:ists?|ies|-wing)?(?: mob)?|islamists?|muslims?|fringe|clerics?|preacher|(?:sunni )?groups|
    regime|liberals?|socialists?|environmentalists|elements?)\b(?! (?:terror|jihad|extremis))
0.8 cronies|strongm|warlord|mercenar|junta|dictator|despot|tyrant|autocrat|oligarch|traitor|zionist|puppet|pluto|henchm
    \b(?:cronies|strong(?:man|men)|warlords?|mercenaries|(?:military |marxist )?junta|dictators?|dictatorship|despots?|
    tyrant|autocrats?|oligarchs?|traitors?|zionists|zionist (?:entity|circles|occupiers|enemy)|plutocrats?|henchm[ae]n|
    puppet (?:government|regime|state|leader|ruler)s?)\b
0.55 invaders|occup|globalists|cult|hate group|rioters|agitators|deep state|social-just|social just|apologists|enablers
    \b(?:(?:foreign )?invaders|occupiers|occupation (?:forces|regime|army)|occupying (?:regime|forces|power)|globalists|
    death cult|cult(?! of| classic| following| favorite| figure| film)|hate groups?|rioters|(?:outside )?agitators|
    deep state(?! coup)|social[- ]justice warriors?|apologists|enablers)\b
0.85 mullahs|usurper|turncoat|quisling|warmonger|propagandists|crusaders|obstructionists|far-left
    \b(?:mullahs|usurpers?|turncoats?|quislings?|warmongers?|propagandists|crusaders|obstructionists|
    far-left (?:mob|radicals|anarchists))\b
0.7 resistance|martyr|freedom fighter|liberators|moderate |pro-democracy
    \baxis of resistance\b|(?<!drug )\bresistance (?:movement|front|force|group|fighter|axis|faction)s?\b|\bmartyrs?\b
    (?! day)|\bfreedom fighters?\b|\bliberators\b|\bmoderate (?:syrian )?rebels?\b|\bpro-democracy (?:activists?|
    protesters?|demonstrators?|movement)\b
0.7 patriot cased
    (?<!england )(?<!\. )\bpatriots?\b(?! (?:act|missile|prayer|game|quarterback))
""",
    ),
    *_rules(
        "sponsor_label",
        r"""
0.8 -backed|-align|-fund|-link|-spons|-supp|-affil|-financed|-controlled|-run|-trained|-installed|-created|-allied|-domi
    (?<![\w.-])@NO_POWER(?:(?:al|tea|muslim|islamic|jeb|koch|north|united|qods|club for|bernie|hindu)[ -])?[\w.']+
    -(?:backed|aligned|funded|linked|sponsored|supported|affiliated|financed|controlled|run|trained|installed|created|
    allied|dominated)\b
0.9 -led|-owned
    (?<![\w.-])(?:al[- ])?@POWER-(?:led|owned)\b
0.95 state-|government-
    \b(?:state-(?:run|owned|controlled|funded|sponsored|backed|affiliated|aligned)|government-(?:run
    |controlled))\b@MEDIUM
0.85 pro-
    (?<!anti-)\bpro-(?:russian?|kremlin|western|beijing|moscow|iranian|iran|tehran|putin|assad|saudi|turkish|pyongyang|
    u\.s\.|american|china|chinese|israel(?= (?:lobby|lobbying|group|organi|political|forces|donor|pac|advocacy)))
    (?![\w-])(?! (?:tilt|rall|polic|sentiment|stance|position|view|lobby group))
0.85 prox|puppet|agent of|agents of|asset of|tool of
    \b(?<!as )(?<!rough )(?:@POWER(?:'s)? )?prox(?:ies\b(?! for)|y\b(?= (?:of|in|groups?|forces?|militias?|armies|army|
    fighters|actors)\b))|\b@POWER(?:'s)? proxy\b|\b@POWER puppets?\b|\b(?:puppet|agent|asset
    |tool)s? of (?:the )?@POWER\b
0.5 ed by|ed with|ed to|ties to|links to|connections to|paid by cased
    \b@SPONSORED @NAME(?:(?:,| and|, and) @NAME)*
""",
    ),
)
