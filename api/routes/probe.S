/* SPDX-License-Identifier: MIT */
/* The script of GET /v1/generators/torch/probe; read by get_probe.c. */
    .section .rodata
    .globl probe_begin
    .globl probe_end
probe_begin:
    .incbin "api/routes/probe.py"
probe_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
