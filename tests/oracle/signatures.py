# SPDX-License-Identifier: MIT
"""HTTP message signatures, written from the RFCs and from nothing of ours.

RFC 9421 (signatures), RFC 8941 (structured fields), RFC 9530 (digests), RFC
7638 and RFC 8037 (keys and their thumbprints).  A message is a dict: 'fields',
a list of pairs; of a request also 'method', 'path' and 'query' (what follows
'?', or None); of a response also 'status', and 'request', the message that it
answers.

    verify(response, label, key_of)      raises Bad, or returns the parameters
"""
import base64
import hashlib
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PublicKey)


class Bad(Exception):
    """What cannot be read, or is not signed by that key."""


# ---- structured fields ------------------------------------------------------

KEY = re.compile(r'[a-z*][a-z0-9_\-.*]*')
INTEGER = re.compile(r'-?[0-9]{1,15}(?![0-9.])')
STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
BYTES = re.compile(r':([A-Za-z0-9+/]*={0,2}):')
TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")


class Reader:
    """Reads a field value from left to right (RFC 8941, section 4.2)."""

    def __init__(self, text):
        self.text, self.at = text.strip(' '), 0

    def take(self, pattern):
        found = re.compile(pattern).match(self.text, self.at)
        if not found:
            raise Bad(f'at {self.text[self.at:][:30]!r}: no {pattern!r}')
        self.at = found.end()
        return found

    def sees(self, character):
        if self.text[self.at:self.at + 1] != character:
            return False
        self.at += 1
        return True

    def item(self):
        start = self.text[self.at:self.at + 1]
        if start == '"':
            return re.sub(r'\\(.)', r'\1', self.take(STRING.pattern)[1])
        if start == ':':
            return base64.b64decode(self.take(BYTES.pattern)[1],
                                    validate=True)
        if start == '?':
            return self.take(r'\?([01])')[1] == '1'
        if start.isdigit() or start == '-':
            return int(self.take(INTEGER.pattern)[0])
        return self.take(TOKEN.pattern)[0]

    def parameters(self):
        found = {}
        while self.sees(';'):
            self.take(' *')
            key = self.take(KEY.pattern)[0]
            found[key] = self.item() if self.sees('=') else True
        return found

    def member(self):
        """An item, or a list of them, with its text as it stands."""
        start = self.at
        if not self.sees('('):
            value = self.item()
        else:
            value = []
            while not self.sees(')'):
                self.take(' *')
                if self.sees(')'):
                    break
                value.append((self.item(), self.parameters()))
        return value, self.parameters(), self.text[start:self.at]


def dictionary(text):
    """Key to (value, parameters, text)."""
    reader, found = Reader(text), {}
    while reader.at < len(reader.text):
        key = reader.take(KEY.pattern)[0]
        if reader.sees('='):
            found[key] = reader.member()
        else:
            found[key] = (True, reader.parameters(), '')
        reader.take('[ \t]*')
        if reader.at < len(reader.text):
            reader.take(',[ \t]*(?=.)')
    return found


# ---- signature bases --------------------------------------------------------

def field(message, name):
    """All lines of a field as one value (RFC 9421, 2.1)."""
    values = [' '.join(value.split('\r\n')).strip(' \t')
              for key, value in message['fields'] if key.lower() == name]
    if not values:
        raise Bad(f'there is no field {name}')
    return ', '.join(values)


def derived(message, name):
    """Section 2.2."""
    if name == '@status':
        return str(message['status'])
    if name == '@method':
        return message['method']
    if name == '@path':
        return message['path'] or '/'
    if name == '@query':
        return '?' + (message['query'] or '')
    if name == '@authority':
        return field(message, 'host').lower()
    raise Bad(f'{name} is not known')


def component(message, name, parameters):
    if parameters == {'req': True} and 'request' in message:
        message = message['request']
    elif parameters:
        raise Bad(f'{name} has the parameters {parameters}')
    if name.startswith('@'):
        return derived(message, name)
    return field(message, name)


def signature_base(message, covered, parameters):
    """Section 2.5; 'parameters' is the text of @signature-params."""
    lines = []
    for name, flags in covered:
        label = f'"{name}"' + ''.join(f';{flag}' for flag in flags)
        value = component(message, name, flags)
        if '\n' in value or not value.isascii():
            raise Bad(f'{name} has a value that cannot be signed')
        lines.append(f'{label}: {value}')
    if len({line.split(': ')[0] for line in lines}) != len(lines):
        raise Bad('a component is covered twice')
    return '\n'.join([*lines, f'"@signature-params": {parameters}'])


# ---- keys -------------------------------------------------------------------

def unpadded(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def thumbprint(key):
    """RFC 7638 of an OKP key, whose members RFC 8037, section 2 names."""
    members = {name: key[name] for name in ('crv', 'kty', 'x')}
    text = json.dumps(members, sort_keys=True, separators=(',', ':'))
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip('=')


def public_key(key):
    """The bytes of a key of a JSON Web Key Set."""
    if (key['kty'], key['crv']) != ('OKP', 'Ed25519'):
        raise Bad(f'{key} is not an Ed25519 key')
    return unpadded(key['x'])


def verify_bytes(public, signature, text):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            signature, text.encode('ascii'))
    except InvalidSignature:
        raise Bad(f'the signature is not of\n{text}') from None


def verify(message, label, key_of):
    """Section 3.2; 'key_of' gives a keyid's public key.  Returns the covered
    components and the parameters."""
    inputs = dictionary(field(message, 'signature-input'))
    signature = dictionary(field(message, 'signature'))[label][0]
    covered, parameters, text = inputs[label]
    if parameters.get('alg', 'ed25519') != 'ed25519':
        raise Bad(f"the algorithm is {parameters['alg']}")
    verify_bytes(key_of(parameters['keyid']), signature,
                 signature_base(message, covered, text))
    return covered, parameters


def check_digest(value, body):
    """RFC 9530: every digest that is known must be the body's."""
    known = {'sha-256': hashlib.sha256, 'sha-512': hashlib.sha512}
    for name, (digest, _, _) in dictionary(value).items():
        if name in known and known[name](body).digest() != digest:
            raise Bad(f'{name} is not that of the body')
