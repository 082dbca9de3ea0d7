from __future__ import annotations

import pytest

from framing.lexicon import Lexicon
from framing.lexicon_rules import RULES
from framing.quotations import quotations
from framing.spans import CueSpan
from framing.voice import sentence_around, voice_of

LEXICON = Lexicon()


def found(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in LEXICON.find(text)]


def voices(text: str) -> list[tuple[str, str | None]]:
    return [(text[span.start : span.end], span.voice) for span in LEXICON.find(text)]


PRETEXT = [
    ("The port was closed on the pretext that ships needed repairs.", ["on the pretext that"]),
    ("Grain was taken under the guise of aid.", ["under the guise of"]),
    ("Guards left under the cover of relief work.", ["under the cover of"]),
    ("The visit was ostensibly to open a bridge.", ["ostensibly"]),
    ("The patrol stayed, purportedly to stop smugglers.", ["purportedly to"]),
    ("They used the storm as an excuse to ban rallies.", ["as an excuse to"]),
    ("He will use the rain as an excuse not to come.", ["as an excuse"]),
    ("Troops moved in as a cover for looting.", ["as a cover for"]),
    ("Critics saw the inquiry as a smokescreen for delay.", ["as a smokescreen for"]),
    ("It is a pretext for new arrests, using the flood as a pretext.", ["pretext for", "as a pretext"]),
    ("The senator made a thinly veiled attempt to silence the paper.", ["thinly veiled"]),
    ("The rally was a false flag.", ["false flag"]),
    ("The minister would not resign under any pretext.", []),
    ("There is no other word in the name of God.", []),
    ("They met in order to sign a treaty.", []),
    ("The shop was shut on the excuse that its roof leaked.", ["on the excuse that"]),
    ("The choir was a front for smugglers, who used a barn as a front for trade.", ["front for", "as a front for"]),
    ("The cold front for the week has passed.", []),
    (
        "Her letter was a thinly disguised bid for his seat, with a thinly veiled reference to his age.",
        ["thinly disguised"],
    ),
    ("The patrol, ostensibly meant to guard a well, stayed.", ["ostensibly"]),
]
TERRORIST = [
    ("The Azure Brigade, a terrorist group banned in Russia, denied it.", ["terrorist group banned in Russia"]),
    ("The Azure Brigade (outlawed in Russia) denied it.", ["outlawed in Russia"]),
    ("Radical Islamic terrorists crossed the river.", ["Radical Islamic terrorists"]),
    ("Police arrested ISIS terrorists and suspected jihadists.", ["ISIS terrorists", "jihadists"]),
    ("Narco-terrorists and domestic terrorists met.", ["Narco-terrorists", "domestic terrorists"]),
    ("The union was designated as a terrorist organization by a court.", ["designated as a terrorist organization"]),
    ("The club was blacklisted as a terrorist group.", ["blacklisted as a terrorist group"]),
    (
        "The council designated the militia as a foreign terrorist organization.",
        ["designated the militia as a foreign terrorist organization"],
    ),
    ("The country remains a state sponsor of terrorism.", ["state sponsor of terrorism"]),
    ("The mayor saw in the fire an act of terrorism.", ["act of terrorism"]),
    ("The officer was accused of terrorism.", ["terrorism"]),
    ("They called the blockade economic terrorism.", ["economic terrorism"]),
    ("She is no terrorist.", ["terrorist"]),
    ("A terror suspect fled after the terrorist attack.", ["terror suspect", "terrorist attack"]),
    ("The National Counterterrorism Center studies the war on terror.", []),
    ("The fight against terrorism and the threat of extremism fill the agenda.", []),
    ("The anti-terrorist operation ended, and terrorism experts left.", []),
    ("He was put on a terrorist watch list.", []),
    ("A baker joined the Green Banner party, outlawed in Uzbekistan, by mistake.", ["outlawed in Uzbekistan"]),
    ("The Blue Banner, outlawed in Kenya and Uganda, bakes bread.", ["outlawed in Kenya and Uganda"]),
    ("The Harbour Front, proscribed in Britain, kept bees.", ["proscribed in Britain"]),
    ("A militia blacklisted by Washington opened a bakery.", ["blacklisted by Washington"]),
    ("A sect whose activities are banned in Russia owns the barn.", ["whose activities are banned in Russia"]),
    ("The club, which Ankara lists as a terrorist group, denied it.", ["lists as a terrorist group"]),
    ("The club is sanctioned by the UN as a terrorist group.", ["sanctioned by the UN as a terrorist group"]),
    ("Oslo keeps the club on its terror list.", ["terror list"]),
    ("The mayor saw in the fire an act of domestic terrorism.", ["act of domestic terrorism"]),
    ("The terrorist Ola Nordmann fled; terrorist Attacks followed.", ["terrorist", "terrorist Attacks"]),
    ("The pesticide, banned in Canada, and the phone, blacklisted by Washington, sold well.", []),
    ("Smoking was outlawed in Bhutan.", []),
]
DISTANCING = [
    ("The so-called reformers and their alleged backers left.", ["so-called", "alleged"]),
    ("The self-styled prophet allegedly hid the gold.", ["self-styled", "allegedly"]),
    ("Critics claim that the bridge is unsafe, a claim the city denies.", ["claim", "claim"]),
    ("The general praised what he described as a great victory.", ["what he described as"]),
    ("The firm fined staff for what it calls lateness.", ["what it calls"]),
    ("She repeated the charge without providing evidence.", ["without providing evidence"]),
    ("An unproven and baseless rumour spread.", ["unproven", "baseless"]),
    ("The supposed cure was supposedly cheap.", ["supposed", "supposedly"]),
    ("A would-be assassin was caught; a would-be buyer was not.", ["would-be"]),
    ("The two are ostensibly on the same side.", ["ostensibly"]),
    ("The group claimed responsibility for the blast.", []),
    ("The flood claimed 40 lives; farmers filed an insurance claim.", []),
    ("The train was supposed to arrive at noon.", []),
    ("The mayor argued and insisted, reportedly, according to a clerk.", []),
    ("Two towns lay rival claims to the island, and a sect claimed the attack.", []),
    ("The river claimed six lives; a clerk pays claims adjusters.", []),
    ("He claimed that the well was dry, with no evidence.", ["claimed", "with no evidence"]),
]
GROUP = [
    ("The corrupt regime jailed two poets.", ["regime"]),
    ("The Zionist regime and the military junta met.", ["Zionist regime", "military junta"]),
    ("Islamist militants and insurgents held the town.", ["Islamist militants", "insurgents"]),
    ("The militant group took the bridge.", ["militant group"]),
    ("Freedom fighters entered the city.", ["Freedom fighters"]),
    ("Illegal aliens and illegal immigrants crossed.", ["Illegal aliens", "illegal immigrants"]),
    ("The warlord and his cronies fled.", ["warlord", "cronies"]),
    ("White supremacist groups marched.", ["White supremacist groups"]),
    ("Coastal elites fear the resistance movement.", ["Coastal elites", "resistance movement"]),
    ("The patriots won; New England Patriots fans cheered.", ["patriots"]),
    ("Lawyers discussed the tax regime and the sanctions regime.", []),
    ("Troops, police, rebels, fighters and lawmakers met the opposition.", []),
    ("The Patriot Act passed.", []),
    ("They want regime change in Syria; regime change as such is a dream.", ["regime"]),
    ("The export regime and the climate regime were reformed.", []),
    ("The strongman lost; the strongman competition went on.", ["strongman"]),
]
SPONSOR = [
    ("The US-backed forces met the Saudi-led coalition.", ["US-backed", "Saudi-led"]),
    ("Iran-aligned militias and Kremlin-funded media agree.", ["Iran-aligned", "Kremlin-funded"]),
    ("An al-Qaeda-linked cell hid there.", ["al-Qaeda-linked"]),
    ("Pro-Russian separatists shelled the village.", ["Pro-Russian"]),
    ("State-run television showed the parade.", ["State-run"]),
    ("The militia, backed by the United States, retreated.", ["backed by the United States"]),
    ("The charity is linked to the Muslim Brotherhood.", ["linked to the Muslim Brotherhood"]),
    ("The plan is funded by billionaire George Soros. Others pay too.", ["funded by billionaire George Soros"]),
    ("Iranian proxies fired rockets.", ["Iranian proxies"]),
    ("The Republican-led House met a self-funded candidate.", []),
    ("The state-owned oil company sold a field.", []),
    ("Russian troops met a US diplomat and a pro-life group.", []),
    ("They fought a proxy war.", []),
    ("A Chinese-led consortium bought the port from a British-owned firm.", []),
    ("A Democratic-funded group met a Republican-aligned one.", ["Democratic-funded", "Republican-aligned"]),
    ("A remote-controlled drone flew over a Harvard-trained doctor.", []),
]


@pytest.mark.parametrize(
    ("label", "text", "expected"),
    [
        (label, text, spans)
        for label, cases in (
            ("pretext", PRETEXT),
            ("terrorist_designation", TERRORIST),
            ("distancing", DISTANCING),
            ("group_label", GROUP),
            ("sponsor_label", SPONSOR),
        )
        for text, spans in cases
    ],
)
def test_words_that_are_cues_and_words_that_only_look_so(label: str, text: str, expected: list[str]) -> None:
    assert found(text) == [(span, label) for span in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('The "moderate opposition" shelled the town.', ['"moderate opposition"']),
        ("The “moderate opposition” shelled the town.", ["“moderate opposition”"]),
        ("The ‘moderate opposition’ shelled the town.", ["‘moderate opposition’"]),
        ("The 'moderate opposition' shelled the town.", ["'moderate opposition'"]),
        ('His "evidence" turned out to be a photocopy.', ['"evidence"']),
        ("Few visitors believed in the “reform,” or came back.", ["“reform,”"]),
        ('The minister said the plan was "a disgrace".', []),
        ('Neighbours called him "a quiet man" and left.', []),
        ('The film "Silent Rivers" opened on Friday.', []),
        ('He never used the word "sorry" at home.', []),
        ('The sign read "do not feed the ducks in the upper pond".', []),
        ('"We are ready."', []),
    ],
)
def test_scare_quotes_hold_words_at_arms_length_and_report_nothing(text: str, expected: list[str]) -> None:
    assert found(text) == [(span, "scare_quote") for span in expected]


def test_cues_of_different_types_may_overlap() -> None:
    text = 'Life goes on in the so-called "safe zones," where the "terrorists" rule.'
    assert found(text) == [
        ("so-called", "distancing"),
        ('"safe zones,"', "scare_quote"),
        ('"terrorists"', "scare_quote"),
        ("terrorists", "terrorist_designation"),
    ]


def test_of_overlapping_cues_of_one_type_the_longest_stays() -> None:
    spans = LEXICON.find("The guild was designated as a terrorist organization and a terrorist group banned in Russia.")
    ends = [(span.start, span.end) for span in spans]
    assert ends == [(14, 52), (59, 91)]


def test_supposedly_before_a_purpose_is_pretext_alone() -> None:
    assert found("They came supposedly to help.") == [("supposedly to", "pretext")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Militants crossed the border.", [("Militants", "author")]),
        ("The ministry said that militants had crossed the border.", [("militants", "attributed")]),
        ("Militants had crossed the border, the ministry said.", [("Militants", "attributed")]),
        ("According to the ministry, militants had crossed the border.", [("militants", "attributed")]),
        ("The ministry said nothing. Militants crossed the border.", [("Militants", "author")]),
        ("“The regime will fall before the winter is over,” he said.", [("regime", "quoted")]),
        ('The poet wrote of "the regime" and fled.', [("regime", "quoted")]),
        (
            'According to SANA, raids were carried out "under the pretext of fighting ISIS" in the north.',
            [("under the pretext of", "quoted")],
        ),
        ("Mr. Adu said the regime would fall.", [("regime", "attributed")]),
    ],
)
def test_voice_is_the_authors_a_sources_or_a_quotations(text: str, expected: list[tuple[str, str]]) -> None:
    assert voices(text) == expected


def test_scare_quotes_are_the_authors_unless_they_stand_in_a_quotation() -> None:
    assert voices('The "reform" failed.') == [('"reform"', "author")]
    assert voices("“The so-called ‘reform’ failed us all, and nobody cares,” she told us.") == [
        ("so-called", "quoted"),
        ("‘reform’", "quoted"),
    ]


def test_a_span_carries_its_score_and_its_voice() -> None:
    assert LEXICON.find("The alleged thief ran.") == [
        CueSpan(4, 11, "distancing", score=0.95, voice="author", voice_score=0.9)
    ]


def test_offsets_count_code_points_also_where_lower_case_is_longer() -> None:
    assert found("İİİ 🜁 The regime’s so-called plan") == [("regime", "group_label"), ("so-called", "distancing")]


def test_typographic_apostrophes_and_hard_blanks_are_read_as_plain_ones() -> None:
    assert found("Iran’s proxies met under the\u00a0guise of trade.") == [
        ("Iran’s proxies", "sponsor_label"),
        ("under the\u00a0guise of", "pretext"),
    ]


@pytest.mark.parametrize("text", ["", " ", "\n\n", '"', "“”", "''", "The river rose on Tuesday."])
def test_plain_and_empty_texts_hold_no_cue(text: str) -> None:
    assert LEXICON.find(text) == []


def test_a_cue_does_not_run_across_paragraphs() -> None:
    assert found("They left under the\nguise of night. The regime\nfell.") == [("regime", "group_label")]


def test_long_rows_of_modifiers_do_not_take_exponential_time() -> None:
    assert found("radical islamic state " * 200 + "walls") == []


def test_a_higher_threshold_finds_fewer_scare_quotes() -> None:
    text = 'The "moderate opposition" shelled the "liberated" areas.'
    assert len(Lexicon(scare_threshold=0.0).find(text)) == 2
    assert Lexicon(scare_threshold=1.0).find(text) == []


def test_other_rules_can_be_given() -> None:
    pretexts = [rule for rule in RULES if rule.label == "pretext"]
    spans = Lexicon(pretexts, scare_threshold=1.0).find("The regime came under the guise of aid.")
    assert [span.label for span in spans] == ["pretext"]


def test_every_gate_is_lower_case_and_every_score_a_probability() -> None:
    assert all(gate and gate == gate.lower() for rule in RULES for gate in rule.gates)
    assert all(0.0 < rule.score <= 1.0 for rule in RULES)


def test_a_sentence_ends_at_its_full_stop_and_not_at_an_abbreviation() -> None:
    text = 'It rained. Mr. J. Adu of the U.S. Senate said "no." He left.'
    start, end = sentence_around(text, 20, 23)
    assert text[start:end] == 'Mr. J. Adu of the U.S. Senate said "no." '


def test_reported_words_inside_a_quotation_do_not_govern_what_follows_it() -> None:
    text = "“I said that it is over, and it is,” ran the banner; the regime fell."
    at = text.index("regime")
    assert voice_of(text, at, at + 6, quotations(text)) == "author"
