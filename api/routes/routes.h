/* SPDX-License-Identifier: MIT */
/*
 * The handlers of the route table, one file an endpoint.  Each is a
 * 'route_handler' (router.h).
 */
#ifndef ROUTES_ROUTES_H
#define ROUTES_ROUTES_H

#include "router.h"

/* One tensor, from the query. */
route_handler get_weights;

/* Many tensors, from a JSON document. */
route_handler post_weights;

/* The law of one tensor's elements. */
route_handler get_analysis;

/* What an initialization does to signals and gradients. */
route_handler post_analysis;

/* The catalogue of schemes, and one row of it. */
route_handler get_schemes;
route_handler get_scheme;

/* The types of layers, and one with its arguments. */
route_handler get_layers;
route_handler get_layer;

/* The built-in profiles, and one with its rules. */
route_handler get_profiles;
route_handler get_profile;

/* The generators, one of them, and a script that finds out which is yours. */
route_handler get_generators;
route_handler get_generator;
route_handler get_probe;

/* Stored recipes: all names, and one's document to read, keep or forget. */
route_handler get_recipes;
route_handler get_recipe;
route_handler put_recipe;
route_handler delete_recipe;

/* The version, the generators, the engine in use and the limits. */
route_handler get_version;

/* The page for people, and the files that it is made of. */
route_handler get_page;
route_handler get_page_file;

/* The public keys of those that sign answers. */
route_handler get_keys;

/* The OpenAPI document. */
route_handler get_openapi;

/* What has been done and what is held, for Prometheus. */
route_handler get_metrics;

/* Whether the process lives, and whether it wants new requests. */
route_handler get_health;
route_handler get_ready;

#endif
