#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Make the picture of the page that README.md shows:

    build/venv/bin/python tests/clients/real/picture.py api/page/page.png
"""
import sys

import page

FRAGMENT = '#network?depth=50'
SIZE = {'width': 1200, 'height': 915}


def main():
    with page.opened() as (url, browser):
        with page.view(browser, url, FRAGMENT, SIZE) as tab:
            tab.screenshot(path=sys.argv[1])


if __name__ == '__main__':
    main()
