# SPDX-License-Identifier: MIT
"""The command line: python -m sow get|verify|manifest|put|list|delete."""
from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from .client import URL, Client
from .differences import verify
from .errors import SowError
from .request import Recipe

RECIPE = ("'ns/name', 'ns/name@version', or the path of a JSON file that "
          "ends in .json")


def _recipe(text: str) -> Recipe:
    if text.endswith('.json') or text == '-':
        with (sys.stdin if text == '-' else open(text)) as file:
            return json.load(file)
    return text


def _client(options: argparse.Namespace) -> Client:
    return Client(options.url, timeout=options.timeout,
                  verify=None if getattr(options, 'no_verify', False)
                  else 'blake2b-256', progress=False if options.quiet
                  else None, generator=getattr(options, 'generator', None))


def _chosen(options: argparse.Namespace) -> dict[str, str | None] | None:
    if options.slice is not None and len(options.name) != 1:
        raise SowError('--slice goes with one --name.')
    return {name: options.slice for name in options.name} or None


def _get(options: argparse.Namespace) -> int:
    with _client(options) as client:
        client.save(_recipe(options.recipe), options.output, options.seed,
                    options.format, options.dtype, _chosen(options))
    return 0


def _verify(options: argparse.Namespace) -> int:
    with _client(options) as client:
        manifest: Any = _recipe(options.recipe)
        if isinstance(manifest, str) or not (
                'recipe' in manifest and 'tensors' in manifest):
            manifest = client.manifest(manifest, options.seed, options.dtype,
                                       digest='wait')
    differences = verify(options.file, manifest)
    for difference in differences:
        print(difference)
    if not differences and not options.quiet:
        print(f'{options.file}: {len(manifest["tensors"])} tensors are as '
              f'they should be', file=sys.stderr)
    return 1 if differences else 0


def _manifest(options: argparse.Namespace) -> int:
    with _client(options) as client:
        json.dump(client.manifest(_recipe(options.recipe), options.seed,
                                  options.dtype, digest=options.digest),
                  sys.stdout, indent=2)
    print()
    return 0


def _put(options: argparse.Namespace) -> int:
    with open(options.document, 'rb') as file:
        document = file.read()
    with _client(options) as client:
        answer = client.put_recipe(options.name, document, options.new)
    print(answer['version'])
    return 0


def _list(options: argparse.Namespace) -> int:
    with _client(options) as client:
        for recipe in client.recipes():
            print(recipe['name'], recipe['version'],
                  'built-in' if recipe.get('built_in') else 'stored')
    return 0


def _delete(options: argparse.Namespace) -> int:
    with _client(options) as client:
        client.delete_recipe(options.name)
    return 0


def _command(commands: Any, name: str, function: Any, text: str
             ) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(function=function)
    return parser


def _of_recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--seed', type=lambda text: int(text, 0),
                        help="default: the recipe's own")
    parser.add_argument('--dtype', help="default: the recipe's own")
    parser.add_argument('--generator', help="whose draws, such as 'torch'; "
                        "default: the recipe's own")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m sow', description='Initial weights from a sow daemon.')
    parser.add_argument('--url', help=f'default: $SOW_URL, or {URL}')
    parser.add_argument('--timeout', type=float, default=60.0,
                        help='seconds that the daemon may keep silent')
    parser.add_argument('--quiet', action='store_true', help='no progress')
    commands = parser.add_subparsers(required=True, metavar='COMMAND')

    get = _command(commands, 'get', _get, 'write weights to a file')
    get.add_argument('recipe', help=RECIPE)
    get.add_argument('-o', '--output', required=True)
    get.add_argument('--name', action='append', default=[],
                     help='one tensor; may be repeated')
    get.add_argument('--slice', help="of that tensor, such as '0:128,:'")
    get.add_argument('--format', default='safetensors',
                     choices=['safetensors', 'npy', 'raw'])
    get.add_argument('--no-verify', action='store_true',
                     help="don't compare with the manifest's digests")
    _of_recipe(get)

    check = _command(commands, 'verify', _verify,
                     'compare a safetensors file with a recipe or a manifest; '
                     'exit 1 if they differ')
    check.add_argument('file')
    check.add_argument('recipe', help=RECIPE + ', or that of a manifest')
    _of_recipe(check)

    manifest = _command(commands, 'manifest', _manifest,
                        'print what a recipe is, with digests')
    manifest.add_argument('recipe', help=RECIPE)
    manifest.add_argument('--digest', default='wait',
                          choices=['wait', 'auto', 'off'])
    _of_recipe(manifest)

    put = _command(commands, 'put', _put, 'store a recipe; print its version')
    put.add_argument('name', help='ns/name')
    put.add_argument('document', help='a JSON file')
    put.add_argument('--new', action='store_true',
                     help='refuse to replace one that is there')
    _command(commands, 'list', _list, 'print every recipe')
    delete = _command(commands, 'delete', _delete, "take a recipe's name away")
    delete.add_argument('name', help='ns/name')
    return parser


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.function(options)
    except (SowError, OSError, ValueError) as error:
        print(f'sow: {error}', file=sys.stderr)
        return 2


if __name__ == '__main__':
    sys.exit(main())
