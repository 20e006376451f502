/* SPDX-License-Identifier: MIT */
/* The OpenAPI document, embedded; read by routes/get_openapi.c. */
    .section .rodata
    .globl openapi_begin
    .globl openapi_end
openapi_begin:
    .incbin "api/openapi.json"
openapi_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
