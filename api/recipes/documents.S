/* SPDX-License-Identifier: MIT */
/*
 * The recipes that are built in, embedded: a line for each, by name ascending.
 * Behind the table stand their names and bytes; read by builtin.c.
 */
    .section .rodata
    .globl builtin_table
    .globl builtin_count
    .balign 4
builtin_table:

/* A row; what it speaks of goes to a part of the section of its own. */
    .macro recipe name
    .pushsection .rodata, 1
7:  .asciz "init/\name"
8:  .incbin "api/recipes/\name\().json"
9:  .byte 0
    .popsection
    .4byte 7b - builtin_table
    .4byte 8b - builtin_table
    .4byte 9b - 8b
    .endm

    recipe bert-base-uncased
    recipe gpt2
    recipe gpt2-large
    recipe gpt2-medium
    recipe gpt2-xl
    recipe llama-2-7b
    recipe llama-3-8b
    recipe mistral-7b
    recipe qwen2-7b
    recipe t5-small
    recipe tiny-bert
    recipe tiny-gpt2
    recipe tiny-llama
    recipe tiny-mistral
    recipe tiny-qwen2
    recipe tiny-t5
    recipe tiny-vit
    recipe tinyllama-1.1b
    recipe vit-base-patch16-224

builtin_count:
    .4byte (builtin_count - builtin_table) / 12
    .section .note.GNU-stack, "", %progbits
