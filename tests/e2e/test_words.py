"""How the command of an EXEC becomes a program and its arguments.

What both programs do alike runs under both. A few hundred generated commands, all well formed, go
through both too. Where the peer (1.7.4.4) is plainly wrong, FIXED names it and says what is right.
"""

import random

import pytest

CODES = {"\n": "n", "\t": "t", "\r": "r", "\f": "f", "\b": "b", "\a": "a", "\v": "v"}


def backslashed(command):
    """The command in an address, protected by backslashes."""
    return "".join(
        "\\" + CODES[c] if c in CODES else "\\" + c if c in "\\\"'()[]{},!:" else c
        for c in command)


def single_quoted(command):
    """The command in an address, protected by single quotes."""
    return "'" + "".join("\\" + c if c in "\\'" else c for c in command) + "'"


def double_quoted(command):
    """The command in an address, protected by double quotes, with backslashes for what would nest."""
    return '"' + "".join("\\" + c if c in "\\\"'()[]{}" else c for c in command) + '"'


def shown(words):
    """The words as --check shows them, if they hold no backslash and nothing a terminal obeys."""
    return " ".join(f"[{word}]" for word in words)


@pytest.fixture
def argv(tmp):
    """argv(runner, command, protect=backslashed): the arguments that a program gets, as a list."""
    script = tmp / "args"
    script.write_text("#!/bin/sh\nprintf '%s\\0' \"$#\" \"$@\"\n")
    script.chmod(0o755)

    def find(runner, command, protect=backslashed):
        text = protect(f"./args {command}")
        result = runner("-u", f"EXEC:{text},pipes", "STDOUT")
        assert result.status == 0, (command, result)
        words = result.out.split(b"\0")
        assert words.pop() == b""
        assert int(words[0]) == len(words) - 1
        return [word.decode() for word in words[1:]]

    return find


# What both understand alike. The text is the command without the program's name.
ALIKE = [
    ("a b", ["a", "b"]),
    ("a   b", ["a", "b"]),
    ("été -i", ["été", "-i"]),
    ("a\tb", ["a\tb"]),
    ("a\nb c", ["a\nb", "c"]),
    ("a \t b", ["a", "\t", "b"]),
    ("'a b' c", ["a b", "c"]),
    ('"a b" c', ["a b", "c"]),
    ('a"b c"d\'e f\'g', ["ab cde fg"]),
    ("'' \"\" a'' b", ["", "", "a", "b"]),
    ("'a\"b' \"c\\\"d\"", ['a"b', 'c"d']),
    ("'it\\'s' 'it'\\''s'", ["it's", "it's"]),
    ("'a(b' ']'", ["a(b", "]"]),
    ("a\\ b \\\"c\\' d\\\\", ["a b", "\"c'", "d\\"]),
    ("\\n\\t\\r\\f\\b\\a\\v", ["\n\t\r\f\b\a\v"]),
    ("'\\n' \"\\t\" (\\r)", ["\n", "\t", "(\r)"]),
    ("\\q\\x41\\101\\é", ["qx41101é"]),
    ("(a b) [c d] {e f}g", ["(a b)", "[c d]", "{e f}g"]),
    ("(a [b) c] d) e", ["(a [b) c] d)", "e"]),
    ("print('a b') c", ["print('a b')", "c"]),
    ("(\")\" b) c", ['(")" b)', "c"]),
    ("\\(a b\\)", ["(a", "b)"]),
    ("a ) b", ["a", ")", "b"]),
    ("a ( b c", ["a", "( b c"]),
    ("a (it's) b", ["a", "(it's) b"]),
    ('"e {"a":1} f" g', ['e {"a":1} f', "g"]),
    ("('(' a) b", ["('(' a)", "b"]),
    ("\" '\"' a\" b", [" '\"' a", "b"]),
    ("\"a 'b \"c\" d' e\" f", ["a 'b \"c\" d' e", "f"]),
    ('"a ) b" c', ["a ) b", "c"]),
    ("$HOME `ls` * ~ | > ; & #", ["$HOME", "`ls`", "*", "~", "|", ">", ";", "&", "#"]),
    ("a:b,c!!d=e", ["a:b,c!!d=e"]),
]


@pytest.mark.parametrize("command, words", ALIKE)
def test_what_both_understand_alike(both, argv, command, words):
    assert argv(both, command) == words


@pytest.mark.parametrize("command, words", ALIKE)
def test_the_address_may_protect_it_in_other_ways(nettool, argv, command, words):
    assert argv(nettool, command, single_quoted) == words
    assert argv(nettool, command, double_quoted) == words


# Where the peer, 1.7.4.4, is wrong: what it does, the command, what is right.
FIXED = [
    ("an empty word for a blank at the end", "a b ", ["a", "b"]),
    ("an empty word for a blank at the end", "'a'  ", ["a"]),
    ("an apostrophe in double quotes ends the words", '"it\'s" b', ["it's", "b"]),
    ("a bracket in double quotes ends the words", '"a(b" c', ["a(b", "c"]),
    ("a bracket in double quotes ends the words", '":-(" b', [":-(", "b"]),
    ("two apostrophes pair across words", '"l\'été" "l\'hiver"', ["l'été", "l'hiver"]),
    ("a quote in an open bracket overruns a buffer", '( "x y', ['( "x y']),
    ("a quote in an open bracket overruns a buffer", "(a \"b) c", ['(a "b) c']),
    ("an open bracket in another overruns a buffer", "{ a ( b } c", ["{ a ( b } c"]),
]


@pytest.mark.parametrize("bug, command, words", FIXED)
def test_what_the_peer_gets_wrong(nettool, argv, bug, command, words):
    assert argv(nettool, command) == words


def test_blanks_in_front_of_the_program(nettool, argv):
    assert argv(nettool, "a", lambda command: f"   {command}") == ["a"]


# ---- generated -----------------------------------------------------------------------------------

PLAIN = "abcxyzéß0189:,!=$*~;|&<>#@%^+-_./?`"
ESCAPED = "nrtfbav\\\"'()[]{} qxé$!:,"
PAIRS = {'"': '"', "'": "'", "(": ")", "[": "]", "{": "}"}


class Commands:
    """Makes well-formed commands: every quote and bracket is closed, in the right order."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def few(self, make, most):
        return "".join(make() for _ in range(self.chance.randrange(most + 1)))

    def plain(self):
        return self.chance.choice(PLAIN + "\t\n\r")

    def escape(self):
        return "\\" + self.chance.choice(ESCAPED)

    def region(self, around=""):
        """A pair with something in it; `around` is what it stands in directly."""
        opener = self.chance.choice([c for c in PAIRS if c != around])

        def inside():
            kind = self.chance.random()
            if kind < 0.55:
                return self.plain()
            if kind < 0.75:
                return " "
            if kind < 0.85:
                return self.escape()
            # Nothing nests in single quotes.
            return self.chance.choice('"()[]{}') if opener == "'" else self.region(opener)

        # An apostrophe behind a letter is one of FIXED.
        space = " " if opener == "'" and around == '"' else ""
        return space + opener + self.few(inside, 5) + PAIRS[opener]

    def word(self):
        kinds = [self.plain, self.plain, self.plain, self.escape, self.region]
        return self.chance.choice(kinds)() + self.few(
            lambda: self.chance.choice(kinds)(), 4)

    def command(self):
        """Words with blanks between them; one at the end is one of FIXED."""
        rest = [" " * self.chance.randrange(1, 4) + self.word()
                for _ in range(self.chance.randrange(5))]
        return "".join([self.word(), *rest])


def test_the_generator_makes_all_that_it_should():
    commands = Commands(1)
    made = [commands.command() for _ in range(300)]
    assert len(set(made)) > 290
    for part in ('""', "''", '\\"', "\\'", "\\ ", "\\\\", "(", "[", "{", "\t", "\n", "é", "  "):
        assert any(part in command for command in made), part


@pytest.mark.parametrize("seed", range(12))
def test_generated_commands_become_the_same_words(nettool, socat, argv, seed):
    commands = Commands(seed)
    for number in range(25):
        command = commands.command()
        protect = (backslashed, single_quoted)[number % 2]
        assert argv(nettool, command, protect) == argv(socat, command, protect), command


# ---- --check -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command, words", [
    row for row in ALIKE if not any(c < " " or c == "\\" for word in row[1] for c in word)])
def test_check_shows_the_words(nettool, command, words):
    result = nettool("--check", f"EXEC:{backslashed('prog ' + command)}", "-")
    assert (result.status, result.err) == (0, b"")
    assert result.out.decode().split("\n")[1].strip() == shown(["prog", *words])


def test_check_shows_what_cannot_be_seen(nettool):
    command = "a\nb c\\\\d \x1bM 'e] [f' \\é"
    result = nettool("--check", f"EXEC:{backslashed(command)}", "-")
    assert result.status == 0
    line = result.out.decode().split("\n")[1].strip()
    assert line == r"[a\nb] [c\\d] [\x1bM] [e\] [f] [é]"


# ---- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command, reason", [
    ("", "no words"),
    ("   ", "no words"),
    ("a 'b", "' is never closed"),
    ("l'été", "' is never closed"),
    ('a b"c d', '" is never closed'),
    ('"a(\\"b', '" is never closed'),
    ("a\\", "last backslash"),
    ("a \\0 b", "NUL byte"),
])
def test_a_command_that_cannot_be_taken_apart(nettool, tmp, command, reason):
    result = nettool("CREATE:made", f"EXEC:{backslashed(command)}")
    assert (result.status, result.out) == (2, b"")
    assert reason in result.text
    assert not (tmp / "made").exists()


def test_no_shell_sees_the_command(nettool, tmp):
    result = nettool("-u", "EXEC:printf %s. $HOME * `ls` ; touch made", "STDOUT")
    assert (result.status, result.out) == (0, b"$HOME.*.`ls`.;.touch.made.")
    assert not (tmp / "made").exists()


def test_a_program_with_a_blank_in_its_name(nettool, tmp):
    script = tmp / "à faire"
    script.write_text("#!/bin/sh\nprintf '%s.' \"$@\"\n")
    script.chmod(0o755)
    result = nettool("-u", "EXEC:'\"./à faire\" x \"y z\"'", "STDOUT")
    assert (result.status, result.out) == (0, b"x.y z.")


def test_colons_need_no_protection(nettool):
    result = nettool("-u", "EXEC:printf %s. a:b ::c: d", "STDOUT")
    assert (result.status, result.out) == (0, b"a:b.::c:.d.")


def test_a_comma_starts_an_option_and_the_hint_says_what_to_write(nettool):
    result = nettool("-u", "EXEC:printf a,b", "STDOUT")
    assert (result.status, result.out) == (2, b"")
    assert "EXEC has no option 'b'" in result.text
    assert "a comma that belongs to the command is written \\," in result.text
    result = nettool("-u", "EXEC:printf a\\,b", "STDOUT")
    assert (result.status, result.out) == (0, b"a,b")
