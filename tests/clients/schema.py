# SPDX-License-Identifier: MIT
"""As much of JSON Schema 2020-12 as our own document uses.

A keyword that is not known here is an error, so that no part of a schema goes
unchecked.
"""
import re

ANNOTATIONS = {'description', 'examples', 'default', 'format', 'title'}

TYPES = {
    'object': lambda v: isinstance(v, dict),
    'array': lambda v: isinstance(v, list),
    'string': lambda v: isinstance(v, str),
    'boolean': lambda v: isinstance(v, bool),
    'null': lambda v: v is None,
    'number': lambda v: isinstance(v, (int, float))
              and not isinstance(v, bool),
    'integer': lambda v: TYPES['number'](v) and v == int(v),
}


def resolve(document, node):
    """Follow '$ref' from 'node', within 'document'."""
    while isinstance(node, dict) and '$ref' in node:
        path = node['$ref']
        if not path.startswith('#/'):
            raise KeyError(path)
        node = document
        for key in path[2:].split('/'):
            key = key.replace('~1', '/').replace('~0', '~')
            node = node[int(key) if isinstance(node, list) else key]
    return node


class Validator:
    """Says what is wrong with values, by the schemas of one document."""

    def __init__(self, document):
        self.document = document

    def errors(self, schema, value, at=''):
        """What keeps 'value' from being valid, as a list of sentences."""
        if isinstance(schema, bool):
            return [] if schema else [f'{at or "/"} must not be there']
        found = []
        for keyword, rule in schema.items():
            if keyword in ANNOTATIONS or keyword.startswith('x-'):
                continue
            check = getattr(self, '_' + keyword.lstrip('$'), None)
            if check is None:
                found.append(f'the keyword {keyword} is unknown')
            else:
                found += check(rule, value, at, schema)
        return found

    def valid(self, schema, value):
        return not self.errors(schema, value)

    @staticmethod
    def _unless(holds, value, at, what):
        return [] if holds else [f'{at or "/"} is {value!r:.80}, not {what}']

    def _ref(self, rule, value, at, schema):
        return self.errors(resolve(self.document, schema), value, at)

    def _type(self, rule, value, at, schema):
        names = rule if isinstance(rule, list) else [rule]
        return self._unless(any(TYPES[name](value) for name in names),
                            value, at, f'of type {rule}')

    def _enum(self, rule, value, at, schema):
        return self._unless(value in rule, value, at, f'one of {rule}')

    def _const(self, rule, value, at, schema):
        return self._unless(value == rule, value, at, repr(rule))

    def _pattern(self, rule, value, at, schema):
        # Python's $ also matches before a last line feed.
        end = re.sub(r'\$$', r'\\Z', rule)
        return self._unless(not isinstance(value, str)
                            or re.search(end, value), value, at, f'/{rule}/')

    def _minimum(self, rule, value, at, schema):
        return self._unless(not TYPES['number'](value) or value >= rule,
                            value, at, f'at least {rule}')

    def _exclusiveMinimum(self, rule, value, at, schema):
        return self._unless(not TYPES['number'](value) or value > rule,
                            value, at, f'above {rule}')

    def _maximum(self, rule, value, at, schema):
        return self._unless(not TYPES['number'](value) or value <= rule,
                            value, at, f'at most {rule}')

    def _minLength(self, rule, value, at, schema):
        return self._unless(not isinstance(value, str) or len(value) >= rule,
                            value, at, f'at least {rule} characters')

    def _maxLength(self, rule, value, at, schema):
        return self._unless(not isinstance(value, str) or len(value) <= rule,
                            value, at, f'at most {rule} characters')

    def _minItems(self, rule, value, at, schema):
        return self._unless(not isinstance(value, list) or len(value) >= rule,
                            value, at, f'at least {rule} items')

    def _maxItems(self, rule, value, at, schema):
        return self._unless(not isinstance(value, list) or len(value) <= rule,
                            value, at, f'at most {rule} items')

    def _required(self, rule, value, at, schema):
        missing = [key for key in rule
                   if isinstance(value, dict) and key not in value]
        return [f'{at}/{key} is missing' for key in missing]

    def _dependentRequired(self, rule, value, at, schema):
        return [error for key, keys in rule.items()
                if isinstance(value, dict) and key in value
                for error in self._required(keys, value, at, schema)]

    def _properties(self, rule, value, at, schema):
        return [error for key, part in rule.items()
                if isinstance(value, dict) and key in value
                for error in self.errors(part, value[key], f'{at}/{key}')]

    def _additionalProperties(self, rule, value, at, schema):
        known = schema.get('properties', {})
        return [error for key in (value if isinstance(value, dict) else {})
                if key not in known
                for error in self.errors(rule, value[key], f'{at}/{key}')]

    def _maxProperties(self, rule, value, at, schema):
        return self._unless(not isinstance(value, dict) or len(value) <= rule,
                            value, at, f'at most {rule} members')

    def _propertyNames(self, rule, value, at, schema):
        return [error for key in (value if isinstance(value, dict) else {})
                for error in self.errors(rule, key, at)]

    def _items(self, rule, value, at, schema):
        return [error
                for i, item in enumerate(value if isinstance(value, list)
                                         else [])
                for error in self.errors(rule, item, f'{at}/{i}')]

    def _allOf(self, rule, value, at, schema):
        return [error for part in rule
                for error in self.errors(part, value, at)]

    def _anyOf(self, rule, value, at, schema):
        wrong = [self.errors(part, value, at) for part in rule]
        return [] if [] in wrong else sum(wrong, [])

    def _oneOf(self, rule, value, at, schema):
        wrong = [self.errors(part, value, at) for part in rule]
        if [] not in wrong:
            return sum(wrong, [])
        return self._unless(wrong.count([]) == 1, value, at,
                            'one alone of several schemas')

    def _not(self, rule, value, at, schema):
        return self._unless(self.errors(rule, value, at), value, at,
                            f'outside {rule}')
