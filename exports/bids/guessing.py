"""First guesses: what a series is, where its description says so plainly.

People name their sequences as they like, in many languages; a guess is an offer, shown as one. It
is made of words that most scanners and protocols share, tried in order; the first that fits wins.
Nothing is guessed of what the words do not say.
"""

import re
from dataclasses import dataclass

from exports.bids.kinds import Kind
from exports.bids.labels import label
from exports.bids.rows import OUT, SOURCE, Row

# (pattern over the description in small letters, words parted by one blank; place)
WORDS: tuple[tuple[str, str], ...] = (
    (r"\b(localizer|localiser|loc|scout|survey|smartbrain|aahead|aascout|3 ?plane)\b", OUT),
    (r"\b(phoenixzipreport|screen save|screenshot|calibration|cal|asset|shim)\b", OUT),
    (r"\bsbref\b.*\b(dwi|dti|diff\w*)\b|\b(dwi|dti|diff\w*)\b.*\bsbref\b", "dwi/sbref"),
    (r"\bsbref\b", "func/sbref"),
    (r"\b(adc|fa|colfa|tracew?|eadc|exp|tensor)\b", SOURCE),
    (r"\bm0(scan)?\b", "perf/m0scan"),
    (r"\b(asl|pcasl|pasl|casl)\b", "perf/asl"),
    (r"\b(fieldmap|field ?map(ping)?|fmap|b0 ?map|gre field)\b", "fmap"),
    (r"\b(topup|distortion|blip|spinecho ?field\w*|se ?epi|revpe|rpe)\b", "fmap/epi"),
    (r"\b(dwi|dti|diff|diffusion|hardi|noddi|ep2d diff|dmri)\b", "dwi/dwi"),
    (r"\b(bold|fmri|rsfmri|rest\d*|resting|task|epfid\w*|func|ep2d)\b", "func/bold"),
    (r"\bb0\b", "fmap"),
    (r"\b(tof|mra|angio|inhance)\b", "anat/angio"),
    (r"\bflair\b|\bdark ?fluid\b|\btirm\b", "anat/FLAIR"),
    (r"\bpd ?(and|\+|t2|t2w|tse)?.*\bt2w?\b|\bpd ?\+ ?t2\b|\bt2 ?\+ ?pd\b", "anat/PDT2"),
    (r"\b(t2star|t2 star|t2\*|t2 ?gre|hemo|swi|swan|susceptibility)\b|t2\*", "anat/T2starw"),
    (r"\bpd\w?\b|\bproton\b", "anat/PDw"),
    (r"\b(mprage|mp ?rage|t1w?|t1w3d|bravo|spgr|fspgr|t1 ?tfe|vibe|ir ?fspgr)\b", "anat/T1w"),
    (r"\b(t2w?|t2w3d|space|cube)\b", "anat/T2w"),
    (r"\bepi\b", "func/bold"),
)
CONTRAST = re.compile(r"(\bgd\b|\bgad\w*|\bpost ?(contrast|gd|km|con)?\b|\+ ?c\b|\bkm\b|contrast)")
# "is" is also a word: what is not said of the brain's own axes needs "dir" or "pe" before it
DIRECTION = re.compile(r"\b(?:(?:pe|dir)[ =]?(hf|fh|si|is)|(?:(?:pe|dir)[ =]?)?(ap|pa|lr|rl))\b")
TASK = re.compile(r"\btask ([a-z0-9]+)\b")
REST = re.compile(r"\brest|\brs ?fmri\b")


@dataclass(frozen=True)
class Guess:
    """A row, and whether the description said plainly what the series are."""

    row: Row
    is_plain: bool


def guess(kind: Kind) -> Guess:
    """Guess where the series of a kind go; what nothing says goes aside."""
    if kind.nature == "localizer":
        return Guess(Row(kind, OUT), is_plain=True)
    if kind.modality == "PT":
        return Guess(Row(kind, "pet/pet"), is_plain=True)
    if kind.modality != "MR":
        return Guess(Row(kind, SOURCE), is_plain=True)
    words = " ".join(re.sub(r"[^a-z0-9*+=]+", " ", kind.description.lower()).split())
    for pattern, place in WORDS:
        if re.search(pattern, words):
            return Guess(_row(kind, place, words), is_plain=True)
    return Guess(Row(kind, SOURCE), is_plain=False)


def _row(kind: Kind, place: str, words: str) -> Row:
    if place == "fmap":
        place = "fmap/phasediff" if kind.nature == "phase" else "fmap/magnitude"
    if kind.nature == "derived" and place not in (OUT, "fmap/fieldmap"):
        return Row(kind, SOURCE)  # computed by the scanner from images that are here too
    found = DIRECTION.search(words)
    direction = (found[1] or found[2]).upper() if found and place[:4] != "anat" else ""
    task = ""
    if place in ("func/bold", "func/sbref"):
        named = TASK.search(words)
        task = named[1] if named else "rest" if REST.search(words) else label(kind.description)[:32]
        task = task or "unnamed"
    agent = "contrast" if place.startswith("anat/") and CONTRAST.search(words) else ""
    return Row(kind, place, task=task, ce=agent, dir=direction)
