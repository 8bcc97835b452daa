import pytest

from tutorkit.tutoring.programming.redacting import REDACTED, redacted

SECRETS = [
    'key = "sk-abcdefghijklmnopqrstuvwx"',
    "token = 'ghp_abcdefghijklmnopqrstuvwxyz0123'",
    'AWS = "AKIAABCDEFGHIJKLMNOP"',
    'password = "hunter2"',
    "PASSWORD='hunter2'",
    'db_password = "hunter2"  # mine',
    'settings = {"api_key": "0123456789"}',
    'connect("postgres://me:hunter2@host/db")',
    "# write to jane.doe@example.org if it breaks",
    "api_token = abcdef0123456789",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\n-----END",
    'jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmN"',
]
HIDDEN = ["hunter2", "abcdefgh", "jane.doe", "0123456789", "MIIEpA", "AKIAABC", "eyJ", "example.org"]


@pytest.mark.parametrize("line", SECRETS)
def test_a_secret_is_taken_out_and_the_lines_stay(line):
    code = f"def f(x):\n    return x\n{line}\nprint(f(1))\n"
    clean = redacted(code)
    assert REDACTED in clean and not any(word in clean for word in HIDDEN)
    assert clean.count("\n") == code.count("\n")
    assert clean.startswith("def f(x):\n    return x\n") and clean.endswith("\nprint(f(1))\n")


@pytest.mark.parametrize(
    "code",
    [
        "tokens = text.split()",
        "for token in tokens:\n    count += 1",
        "password = input('Your password: ')",
        "secret = random.randint(1, 100)",
        "key = keys[0]",
        "total = 0  # the total",
        "def guess(secret):\n    return secret == 3",
        'word = "password"',
        "x = 'abc' * 30",
    ],
)
def test_what_only_sounds_like_one_is_left(code):
    assert redacted(code) == code


def test_it_is_done_once_for_all():
    code = "\n".join(SECRETS)
    assert redacted(redacted(code)) == redacted(code)
