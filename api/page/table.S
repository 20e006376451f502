/* SPDX-License-Identifier: MIT */
/*
 * The page's files, embedded: a line for each.  Behind the table stand their
 * names, types and bytes; read by files.c.
 */
    .section .rodata
    .globl page_table
    .globl page_count
    .balign 4
page_table:

/* A row; what it speaks of goes to a part of the section of its own. */
    .macro file name, type, from
    .pushsection .rodata, 1
6:  .asciz "\name"
7:  .incbin "\from"
8:  .byte 0
    .popsection
    .4byte 6b - page_table
    .4byte \type - page_table
    .4byte 7b - page_table
    .4byte 8b - 7b
    .endm

    .macro page name, type
    file \name, \type, "api/page/\name"
    .endm

    page index.html, html
    page icon.svg, svg
    page style.css, css
    page tensor.css, css
    page network.css, css
    page schemes.css, css
    page main.js, javascript
    page dom.js, javascript
    page client.js, javascript
    page catalogue.js, javascript
    page plot.js, javascript
    page tensor.js, javascript
    page values.js, javascript
    page heatmap.js, javascript
    page download.js, javascript
    page snippets.js, javascript
    page formula.js, javascript
    page network.js, javascript
    page network_state.js, javascript
    page network_options.js, javascript
    page network_examples.js, javascript
    page network_controls.js, javascript
    page network_series.js, javascript
    page network_charts.js, javascript
    page network_findings.js, javascript
    page schemes.js, javascript
    page schemes_search.js, javascript
    page schemes_detail.js, javascript
/* Chart.js, MIT licence, as Debian's libjs-chart.js has it. */
    file chart.js, javascript, "/usr/share/javascript/chart.js/chart.min.js"

page_count:
    .4byte (page_count - page_table) / 16

html:
    .asciz "text/html; charset=utf-8"
css:
    .asciz "text/css; charset=utf-8"
javascript:
    .asciz "text/javascript; charset=utf-8"
svg:
    .asciz "image/svg+xml"
    .section .note.GNU-stack, "", %progbits
