#!/usr/bin/env python3
"""Every sentence of the program in every language of po/LINGUAS, and names untouched.

The sentences are gathered anew from the sources, as "make pot" does it; po/LL.po has to have all of
them translated and nothing else. Names of addresses and options, signals, units and the like stand
in a translation as they stand in the English sentence.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SRCDIR = Path(os.environ.get("NETTOOL_SRCDIR") or Path(__file__).resolve().parents[2])
BUILDDIR = Path(os.environ.get("NETTOOL_BUILDDIR") or os.getcwd())
NETTOOL = os.environ.get("NETTOOL") or str(BUILDDIR / "nettool")

# What stands for something else, and so is translated like any other word.
METAVARIABLES = {"NAME", "FILE", "WORD", "HOST", "PORT", "THE", "NETCATS", "EXAMPLES", "ETA",
                 "STATISTICS"}

# (language, sentence): why it may be the same in that language.
SAME = {
    ("fr", "socket"): "the French word is the same",
    ("fr", "interface"): "the French word is the same",
    ("fr", "parent"): "the French word is the same",
    ("fr", "client"): "the French word is the same",
    ("fr", "Sockets"): "the French word is the same",
    ("fr", "shell"): "the French word is the same",
    ("fr", "UDP"): "a name",
    ("fr", "IP"): "a name",
    ("fr", "IPv6"): "a name",
    ("fr", "TLS"): "a name",
}

# Words of a language that this program doesn't use: (pattern, why).
MANNERS = {
    "fr": [
        (r"(?i)\b(tu|toi|tes)\b", "nobody is called tu"),
        (r"\w[?!;](?=\s|$)", "a space stands before ? ! ;"),
        (r"[a-zà-ÿ](?<!https)(?<!http):\s", "a space stands before :"),
        (r"(?i)\ble socket\b|\bun socket\b", "it is la socket"),
        ("\u202f", "a plain space, which every terminal shows"),
        (r"\u2019", "the apostrophe is a plain one"),
    ],
}

# Texts that are broken into lines: in French a no-break space stands before : ; ? ! there, and nowhere else.
BROKEN_INTO_LINES = {"src/tutorial/lessons.c", "src/tutorial/tutorial.c"}

# Sentences of messages that are nobody's but English, because scripts know them.
WORDS_OF_OTHERS = {
    'unknown option \\"%s\\"': "socat's",
    'option \\"%s\\" not supported with this address type': "socat's",
    'no certificate given; consider option \\"cert\\"': "socat's",
    'certificate is valid but its commonName does not match hostname \\"%s\\"': "socat's",
    "Idle timeout expired (%lld ms).": "ncat's",
}

MESSAGE = re.compile(r"\b(?:error_(?:usage|failed|system|timeout|hint|reword)|log_(?:error|warning))\(")
TRANSLATED = re.compile(r'\b[_NP]_?\(\s*(?:"(?:\\.|[^"\\])*"\s*,?\s*)+')
STRING = re.compile(r'"((?:\\.|[^"\\])*)"')

LINE = re.compile(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)? ?"(.*)"$')


class Entry:
    """A sentence of a .po file: its forms, its translations, and what is noted about it."""

    def __init__(self):
        self.flags = set()
        self.sources = set()
        self.parts = {}

    @property
    def msgid(self):
        return self.parts.get("msgid")

    @property
    def sentences(self):
        return [self.parts[key] for key in ("msgid", "msgid_plural") if key in self.parts]

    @property
    def translations(self):
        return [text for key, text in self.parts.items() if key.startswith("msgstr")]


def read_po(path):
    """The entries of a file, its head left out, and how many lines are obsolete."""
    entries, obsolete, entry, key = [], 0, None, None
    for line in path.read_text(encoding="utf-8").splitlines() + [""]:
        if line.startswith("#~"):
            obsolete += 1
        elif not line:
            entry = None
        elif line.startswith("#"):
            if entry is None:
                entry = Entry()
                entries.append(entry)
            if line.startswith("#: "):
                entry.sources.update(line[3:].split())
            if line.startswith("#,"):
                entry.flags.update(flag.strip() for flag in line[2:].split(","))
        else:
            match = LINE.match(line)
            if entry is None:
                entry = Entry()
                entries.append(entry)
            key = match[1] or key
            entry.parts[key] = entry.parts.get(key, "") + match[2]
    return [entry for entry in entries if entry.msgid], obsolete


def option_names():
    """The names of options that cannot be taken for words of a sentence."""
    run = subprocess.run([NETTOOL, "--list=options", "--format=tsv"], capture_output=True,
                         text=True, check=True)
    names = set()
    for line in run.stdout.splitlines()[1:]:
        name, aliases = line.split("\t")[:2]
        names.update([name, *filter(None, aliases.split(","))])
    return names


def names_in(sentence, options):
    """What of a sentence is a name, and stands in its translation as it is."""
    text = re.sub(r"%[-+ #0]*[\d.*$]*(?:hh|ll|[hljztL])?[diouxXcsfgeE%]", " ", sentence)
    names = set(re.findall(r"'([^' ]+)'", text)) & options
    for word in re.findall(r"(?<![\w-])[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w])", text):
        if word not in METAVARIABLES:
            names.add(word)
    names.update(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]", text))
    names.update(re.findall(r"(?<![\w-])-[A-Za-z](?![\w-])", text))
    names.update(re.findall(r"(?<![\w<-])[a-z][a-z0-9-]*=(?!=)", text))
    for word in re.findall(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+", text):
        if word in options:
            names.add(word)
    for word in re.findall(r"\boptions? ([a-z][a-z0-9-]+)", text):
        if word in options:
            names.add(word)
    return names


def edges(text):
    """The blanks and line ends at both ends of a sentence."""
    return (re.match(r"(?:\\n| )*", text)[0], re.search(r"(?:\\n| )*$", text)[0])


def compare(entry, language, options):
    """What is wrong with a translation."""
    if "fuzzy" in entry.flags:
        yield "is fuzzy"
    if not all(entry.translations):
        yield "is not translated"
        return
    for index, text in enumerate(entry.translations):
        sentence = entry.sentences[min(index, len(entry.sentences) - 1)]
        if edges(text) != edges(sentence):
            yield f"begins or ends with other blanks: {text!r}"
        if text in entry.sentences and (language, text) not in SAME:
            yield "is the same as in English"
        for name in sorted(names_in(sentence, options)):
            if name not in text:
                yield f"loses {name!r}: {text!r}"
        if "\u00a0" in text and not entry.sources <= BROKEN_INTO_LINES:
            yield f"a plain space, which every terminal shows: {text!r}"
        for pattern, why in MANNERS.get(language, []):
            if re.search(pattern, text):
                yield f"{why}: {text!r}"


def call_text(text, start):
    """A call from its opening parenthesis to the closing one."""
    depth = 0
    for match in re.compile(r'"(?:\\.|[^"\\])*"|[()]').finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return text[start:match.end()]
    return text[start:]


def untranslated(text):
    """The sentences of messages that don't go through _()."""
    for match in MESSAGE.finditer(text):
        call = TRANSLATED.sub("", call_text(text, match.end() - 1))
        for string in STRING.findall(call):
            if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", string) and string not in WORDS_OF_OTHERS:
                yield string


def check_sources(entries):
    """What is wrong with the English sentences themselves."""
    for entry in entries:
        for sentence in entry.sentences:
            if not sentence.isascii():
                yield f"{sentence!r}: the plain C locale shows ASCII alone"
            if "<PRI" in sentence:
                yield f"{sentence!r}: print a number of fixed size as %jd or %lld"
    listed = set((BUILDDIR / "po/POTFILES").read_text().split())
    for path in sorted((SRCDIR / "src").rglob("*.[ch]")):
        name = path.relative_to(SRCDIR).as_posix()
        text = path.read_text(encoding="utf-8")
        if name not in listed and re.search(r'\b[_NP]_?\("', text):
            yield f"{name}: its sentences are not gathered, for it is not in src/sources.am"
        for string in untranslated(text) if path.suffix == ".c" else ():
            yield f"{name}: {string!r} doesn't go through _()"
        if re.search(r'\b_\(""\)', text):
            yield f'{name}: _("") is the head of the translation'


def check_language(language, template, options):
    """What is wrong with a language."""
    path = SRCDIR / "po" / f"{language}.po"
    run = subprocess.run(["msgfmt", "--check", "-o", os.devnull, path], capture_output=True,
                         text=True)
    if run.returncode != 0 or run.stderr:
        yield run.stderr.strip()
    entries, obsolete = read_po(path)
    if obsolete:
        yield f"{obsolete} lines of sentences that are gone (#~): take them out"
    have = {entry.msgid: entry for entry in entries}
    for entry in template:
        if entry.msgid not in have:
            yield f"{entry.msgid!r} is missing: make update-po"
        elif have[entry.msgid].sentences != entry.sentences:
            yield f"{entry.msgid!r} has another plural in the sources: make update-po"
    wanted = {entry.msgid for entry in template}
    for entry in entries:
        if entry.msgid not in wanted:
            yield f"{entry.msgid!r} is in no source: make update-po"
        for wrong in compare(entry, language, options):
            yield f"{entry.msgid!r}: {wrong}"


def gather(folder):
    """The sentences of the sources as they are now."""
    template = Path(folder) / "nettool.pot"
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    run = subprocess.run(["make", "-s", "-C", BUILDDIR, "pot", f"POT={template}"],
                         capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        sys.exit(f"make pot failed:\n{run.stdout}{run.stderr}")
    if run.stderr.strip():
        print(f"# {run.stderr.strip()}")
    return read_po(template)[0]


def main():
    tools = ("xgettext", "msgfmt", "make")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing or not (BUILDDIR / "Makefile").is_file():
        print(f"needs {' and '.join(missing) or 'a build folder'}")
        return 77
    languages = [line for line in (SRCDIR / "po/LINGUAS").read_text().splitlines()
                 if line and not line.startswith("#")]
    options = option_names()
    with tempfile.TemporaryDirectory() as folder:
        template = gather(folder)
        found = [("the English sentences", list(check_sources(template)))]
    for language in languages:
        found.append((f"po/{language}.po", list(check_language(language, template, options))))
    print(f"1..{len(found)}")
    for number, (name, wrongs) in enumerate(found, 1):
        for wrong in wrongs:
            print("# " + wrong.replace("\n", "\n# "))
        print(f"{'not ok' if wrongs else 'ok'} {number} - {name}")
    return 1 if any(wrongs for _name, wrongs in found) else 0


if __name__ == "__main__":
    sys.exit(main())
