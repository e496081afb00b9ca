"""A mail server that keeps what it gets: submission with STARTTLS and a password, nothing is passed on.

    mail_sink.py CERTIFICATE KEY DIRECTORY

DIRECTORY/login holds the user and the password, one a line, and is read at each login. Accepted mails go to
DIRECTORY/mails and refused logins to DIRECTORY/refusals, one JSON object a line.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

PORT = 587


def append(path, entry):
    with open(path, "a") as file:
        file.write(json.dumps(entry) + "\n")


def body(message):
    """The text of a mail, or of each of its parts, decoded, with lines as in a file."""
    texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join(part.get_content() for part in texts).replace("\r\n", "\n")


class Sink:
    """What aiosmtpd asks and tells."""

    def __init__(self, directory):
        self.directory = directory

    def authenticate(self, server, session, envelope, mechanism, data):
        wanted = (self.directory / "login").read_bytes().splitlines()
        if [data.login, data.password] == wanted:
            return AuthResult(success=True)
        append(self.directory / "refusals", {"user": data.login.decode(errors="replace"), "mechanism": mechanism})
        return AuthResult(success=False, handled=False)  # 535

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        append(self.directory / "mails", {"from": envelope.mail_from, "to": envelope.rcpt_tos,
                                          "subject": message["subject"], "body": body(message)})
        return "250 kept"


async def main(certificate, key, directory):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    sink = Sink(Path(directory))
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(sink, tls_context=context, require_starttls=True, auth_required=True, authenticator=sink.authenticate,
                     auth_exclude_mechanism=["LOGIN"],  # its challenges are not those that Alertmanager knows
                     hostname="smtp.example.org", ident="the lab's mail sink"), "0.0.0.0", PORT)
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
