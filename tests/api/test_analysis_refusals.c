/* SPDX-License-Identifier: MIT */
/* Tests of what POST /v1/analysis refuses. */
#include "asking.h"

#include <string.h>

Suite *analysis_refusals_suite(void);

static void setup(void)
{
    struct api_limits limits = drive_limits;

    limits.max_layers = 100;
    asked = drive_api(&limits);
}

/* Bodies, in which single quotes stand for double ones. */
#define WIDTHS(more) "{'widths':[4,4,2],'scheme':'he_normal'," more "}"
#define LAYERS(first, second)                                    \
    "{'scheme':'he_normal','layers':[{'shape':[4,8]" first "},{" \
    "'shape':[2,4]" second "}]}"
#define BEHIND(entry) \
    "{'scheme':'he_normal','layers':[{'shape':[4,8]}," entry "]}"
#define TEN "1,1,1,1,1,1,1,1,1,1,"
#define FIFTY TEN TEN TEN TEN TEN

static const struct {
    const char *body;
    unsigned status;
    const char *code, *at, *detail;
} refusals[] = {
    {"{}", 400, "MISSING_FIELD", "/layers", "'widths', such as"},
    {"[]", 400, "BAD_JSON", "", "object"},
    {"{'layers':[]}", 400, "BAD_FIELD", "/layers", "at least one"},
    {"{'layers':3}", 400, "BAD_FIELD", "/layers", "array"},
    {"{'layers':[3]}", 400, "BAD_FIELD", "/layers/0", "objects"},
    {WIDTHS("'layers':[{'shape':[2,2]}]"), 400, "BAD_FIELD", "/widths",
     "leave one"},
    {"{'widths':[4,2]}", 400, "MISSING_FIELD", "/scheme", "'schemes'"},
    {"{'widths':4,'scheme':'ones'}", 400, "BAD_FIELD", "/widths", "array"},
    {"{'widths':[4],'scheme':'ones'}", 400, "BAD_FIELD", "/widths", "outputs"},
    {"{'widths':[4,0],'scheme':'ones'}", 422, "BAD_PARAMETER", "/widths/1",
     "from 1"},
    {"{'widths':[4,2.5],'scheme':'ones'}", 400, "BAD_FIELD", "/widths/1",
     "whole"},
    {WIDTHS("'seed':-1"), 400, "BAD_FIELD", "/seed", "from 0"},
    {WIDTHS("'seed':'-1'"), 400, "BAD_FIELD", "/seed", "from 0"},
    {"{'widths':[4,'2'],'scheme':'ones'}", 400, "BAD_FIELD", "/widths/1",
     "whole"},
    {"{'widths':[" FIFTY FIFTY "1],'scheme':'ones','schemes':[]}", 400,
     "BAD_FIELD", "/schemes", "exclude"},
    {"{'widths':[" FIFTY FIFTY "1,1],'scheme':'ones'}", 422, "TOO_MANY_LAYERS",
     "/widths", "max_layers is 100 (option --max-layers)"},
    {"{'widths':[" FIFTY "1],'schemes':['ones','normal','lecun_normal']}", 422,
     "TOO_MANY_LAYERS", "/schemes", "max_layers is 100"},
    {"{'layers':[" FIFTY "1],'schemes':['ones','normal']}", 422,
     "TOO_MANY_LAYERS", "/schemes", "max_layers is 100"},
    {"{'widths':[4,2],'schemes':[]}", 400, "BAD_FIELD", "/schemes", "such as"},
    {"{'widths':[4,2],'schemes':'ones'}", 400, "BAD_FIELD", "/schemes",
     "such as"},
    {"{'widths':[4,2],'schemes':[" FIFTY TEN "1,1,1,1,1]}", 400, "BAD_FIELD",
     "/schemes", "at most 64"},
    {"{'widths':[4,2],'schemes':['ones','he_nrmal']}", 422, "UNKNOWN_SCHEME",
     "/schemes/1", "'he_normal'"},
    {"{'widths':[4,2],'schemes':['ones',{'name':'normal','std':-1}]}", 422,
     "BAD_PARAMETER", "/schemes/1/std", "0 or more"},
    {"{'schemes':['ones','delta_orthogonal'],'layers':[{'shape':[4,8]}]}", 422,
     "BAD_SCHEME", "/layers/0/shape", "kernel"},
    {"{'widths':[4,2],'scheme':'delta_orthogonal'}", 422, "BAD_SCHEME",
     "/scheme", "kernel"},
    {"{'widths':[4,2],'schemes':['ones','delta_orthogonal']}", 422,
     "BAD_SCHEME", "/schemes/1", "kernel"},
    {"{'widths':[4,2],'schemes':['ones','lsuv']}", 422, "BAD_SCHEME",
     "/schemes/1", "lsuv"},
    {"{'widths':[4,2],'scheme':'lsuv','measure':true}", 422, "BAD_SCHEME",
     "/scheme", "lsuv"},
    {"{'widths':[4096,9007199254740991],'schemes':['ones']}", 422, "BAD_SHAPE",
     "/widths/1", "2^63"},
    {WIDTHS("'bias':{'name':'normal','std':-1}"), 422, "BAD_PARAMETER",
     "/bias/std", "0 or more"},
    {WIDTHS("'bias':'he_normal'"), 422, "BAD_SCHEME", "/bias", "dimensions"},
    {WIDTHS("'in_axes':0,'out_axes':1"), 400, "BAD_FIELD", "/in_axes",
     "'layers'"},
    {WIDTHS("'generator':'torch'"), 400, "BAD_FIELD", "/generator", "'layers'"},
    {WIDTHS("'dtype':'flaot32'"), 422, "UNKNOWN_VALUE", "/dtype", "'float32'"},
    {WIDTHS("'layuot':'jax'"), 400, "UNKNOWN_FIELD", "/layuot", "'layout'"},
    {WIDTHS("'format':'raw'"), 400, "UNKNOWN_FIELD", "/format", "weights"},
    {WIDTHS("'recipe':'init/gpt2'"), 400, "UNKNOWN_FIELD", "/recipe",
     "weights"},
    {WIDTHS("'activation':'rleu'"), 422, "UNKNOWN_VALUE", "/activation",
     "'relu'"},
    {WIDTHS("'activation':3"), 400, "BAD_FIELD", "/activation", "name"},
    {WIDTHS("'activation':{}"), 400, "MISSING_FIELD", "/activation/name",
     "which"},
    {WIDTHS("'activation':{'name':3}"), 400, "BAD_FIELD", "/activation/name",
     "string"},
    {WIDTHS("'activation':{'name':'relu','slope':1}"), 400, "UNKNOWN_FIELD",
     "/activation/slope", "Allowed: name."},
    {WIDTHS("'activation':{'name':'leaky_relu','slop':1}"), 400,
     "UNKNOWN_FIELD", "/activation/slop", "name, slope"},
    {WIDTHS("'activation':{'name':'leaky_relu','slope':'1'}"), 400, "BAD_FIELD",
     "/activation/slope", "finite"},
    {WIDTHS("'activation':{'name':'leaky_relu','slope':1e300}"), 422,
     "BAD_PARAMETER", "/activation/slope", "from"},
    {WIDTHS("'activatoin':'relu'"), 400, "UNKNOWN_FIELD", "/activatoin",
     "'activation'"},
    {WIDTHS("'norm':'layernorm'"), 422, "UNKNOWN_VALUE", "/norm",
     "'layer_norm'"},
    {WIDTHS("'input_norm':1"), 400, "BAD_FIELD", "/input_norm", "string"},
    {WIDTHS("'dropout':1"), 422, "BAD_PARAMETER", "/dropout", "below 1"},
    {WIDTHS("'dropout':-0.1"), 422, "BAD_PARAMETER", "/dropout", "at least 0"},
    {WIDTHS("'dropout':true"), 400, "BAD_FIELD", "/dropout", "number"},
    {WIDTHS("'residual':'yes'"), 400, "BAD_FIELD", "/residual", "'alpha'"},
    {WIDTHS("'residual':{'alhpa':1}"), 400, "UNKNOWN_FIELD", "/residual/alhpa",
     "alpha, layers"},
    {WIDTHS("'residual':{'alpha':null}"), 400, "BAD_FIELD", "/residual/alpha",
     "number"},
    {WIDTHS("'residual':{'layers':0}"), 422, "BAD_PARAMETER",
     "/residual/layers", "from 1"},
    {"{'widths':[8,16,8],'scheme':'he_normal','residual':true}", 422,
     "BAD_PARAMETER", "/residual", "no run of 1."},
    {"{'widths':[8,8],'scheme':'he_normal','residual':0.5}", 422,
     "BAD_PARAMETER", "/residual", "before the last"},
    {WIDTHS("'residual':{'layers':5}"), 422, "BAD_PARAMETER", "/residual",
     "no run of 5."},
    {WIDTHS("'residual':{'layers':9007199254740992}"), 422, "BAD_PARAMETER",
     "/residual", "no run of 9007199254740992."},
    {"{'scheme':'ones','residual':{'layers':2},'layers':[{'shape':[4,4],"
     "'residual':true},{'shape':[8,4]},{'shape':[2,8]}]}",
     422, "BAD_PARAMETER", "/residual", "no run of 2."},
    {WIDTHS("'input':3"), 400, "BAD_FIELD", "/input", "object"},
    {WIDTHS("'input':{'corelation':1}"), 400, "UNKNOWN_FIELD",
     "/input/corelation", "'correlation'"},
    {WIDTHS("'input':{'correlation':1.5}"), 422, "BAD_PARAMETER",
     "/input/correlation", "from -1 to 1"},
    {WIDTHS("'input':{'second_moment':-1}"), 422, "BAD_PARAMETER",
     "/input/second_moment", "at least 0"},
    {WIDTHS("'input':{'second_moment':'1'}"), 400, "BAD_FIELD",
     "/input/second_moment", "number"},
    {WIDTHS("'input':{'second_moment':NaN}"), 400, "BAD_JSON", "", "NaN"},
    {WIDTHS("'input':{'second_moment':1e999}"), 400, "BAD_FIELD",
     "/input/second_moment", "too big"},
    {WIDTHS("'input':{'threshold':0}"), 422, "BAD_PARAMETER",
     "/input/threshold", "above 0"},
    {WIDTHS("'input':{'mean':2}"), 422, "BAD_PARAMETER", "/input/mean",
     "square"},
    {LAYERS(",'activaton':'relu'", ""), 400, "UNKNOWN_FIELD",
     "/layers/0/activaton", "'activation'"},
    {LAYERS("", ",'activation':'rely'"), 422, "UNKNOWN_VALUE",
     "/layers/1/activation", "'relu'"},
    {LAYERS(",'slice':':2'", ""), 400, "BAD_FIELD", "/layers/0", "'slice'"},
    {LAYERS(",'residual':{'layers':2}", ""), 422, "BAD_PARAMETER",
     "/layers/0/residual", "more than there are"},
    {LAYERS(",'residual':true", ",'residual':{'layers':2}"), 422,
     "BAD_PARAMETER", "/layers/1/residual", "another branch"},
    {BEHIND("{'shape':[2,5]}"), 422, "BAD_SHAPE", "/layers/1",
     "takes 5 inputs"},
    {BEHIND("{'shape':[5],'name':'bias','scheme':'ones'}"), 422, "BAD_SHAPE",
     "/layers/1", "each output"},
    {BEHIND("{'shape':[4],'name':'norm.weight','scheme':'ones'}"), 422,
     "BAD_SHAPE", "/layers/1", "'norm'"},
    {BEHIND("{'shape':[4],'name':'b.bias','scheme':'zeros',"
            "'activation':'relu'}"),
     400, "BAD_FIELD", "/layers/1", "move it"},
    {BEHIND("{'type':'linear','in_features':4,'out_features':2,"
            "'dorpout':0.1}"),
     400, "UNKNOWN_FIELD", "/layers/1/dorpout", "'dropout'"},
    {BEHIND("{'type':'linaer','in_features':4}"), 422, "UNKNOWN_VALUE",
     "/layers/1/type", "'linear'"},
    {BEHIND("{'type':'linear','in_features':4}"), 400, "MISSING_FIELD",
     "/layers/1/out_features", "needs"},
    {BEHIND("{'type':'lstm','input_size':4,'hidden_size':4}"), 400, "BAD_FIELD",
     "/layers/1/type", "not 'lstm'"},
    {BEHIND("{'type':'embedding','num_embeddings':4,'embedding_dim':4}"), 400,
     "BAD_FIELD", "/layers/1/type", "not 'embedding'"},
    {BEHIND("{'type':'layer_norm','normalized_shape':4,'norm':'rms_norm'}"),
     400, "BAD_FIELD", "/layers/1", "is a norm"},
    {BEHIND("{'type':'layer_norm','normalized_shape':4},"
            "{'type':'layer_norm','normalized_shape':4}"),
     400, "BAD_FIELD", "/layers/2", "No layer comes after"},
    {"{'layers':[{'type':'layer_norm','normalized_shape':4}]}", 400,
     "BAD_FIELD", "/layers/0", "No layer comes after"},
    {"{'layers':[{'type':'layer_norm','normalized_shape':4,"
     "'activation':'relu'}]}",
     400, "BAD_FIELD", "/layers/0", "before the weights"},
    {"{'generator':'torch','layers':[{'skip':3,'dropout':0.5},{'shape':[4,4],"
     "'scheme':'torch.normal'}]}",
     400, "BAD_FIELD", "/layers/0", "no layer"},
    {"{'generator':'torch','layers':[{'skip':3}]}", 422, "BAD_GENERATOR",
     "/layers", "not one tensor"},
    {"{'scheme':'ones','layers':[{'shape':[4]}]}", 422, "BAD_SHAPE",
     "/layers/0", "two dimensions"},
    {"{'scheme':'lecun_normal','layers':[{'shape':[4,0]}]}", 422, "BAD_SHAPE",
     "/layers/0", ""},
    {"{'scheme':'ones','layers':[{'shape':[2,2],'name':'a'},"
     "{'shape':[2,2],'name':'a'}]}",
     422, "DUPLICATE_NAME", "/layers/1/name", "'a'"},
};

START_TEST(refusals_name_the_place_and_the_mend)
{
    struct answer answer = asking_post("/v1/analysis", refusals[_i].body);

    ck_assert_msg(answer.status == refusals[_i].status &&
                      !strcmp(answer_code(&answer), refusals[_i].code),
                  "%s gives %u: %s", refusals[_i].body, answer.status,
                  answer.body);
    if (refusals[_i].at[0])
        ck_assert_str_eq(answer_string(&answer, "at"), refusals[_i].at);
    ck_assert_msg(strstr(answer_string(&answer, "detail"), refusals[_i].detail),
                  "%s gives: %s", refusals[_i].body, answer.body);
    answer_release(&answer);
}
END_TEST

START_TEST(there_is_no_query)
{
    struct answer answer =
        asking_post("/v1/analysis?seed=1", "{'widths':[2,2],'scheme':'ones'}");

    ck_assert_uint_eq(answer.status, 400);
    ck_assert_str_eq(answer_code(&answer), "UNKNOWN_FIELD");
    ck_assert_str_eq(answer_string(&answer, "at"), "seed");
    answer_release(&answer);
}
END_TEST

START_TEST(only_json_is_read)
{
    struct answer answer = drive(asked, "POST", "/v1/analysis",
                                 "Content-Type: text/plain\n", "{}");

    ck_assert_uint_eq(answer.status, 415);
    answer_expect(&answer, "Accept-Post", "application/json");
    answer_release(&answer);
}
END_TEST

START_TEST(other_methods_say_what_is_allowed)
{
    struct answer answer = drive(asked, "PUT", "/v1/analysis", NULL, "{}");

    ck_assert_uint_eq(answer.status, 405);
    ck_assert_ptr_nonnull(answer_header(&answer, "Allow"));
    ck_assert_ptr_nonnull(strstr(answer_header(&answer, "Allow"), "POST"));
    answer_release(&answer);
}
END_TEST

Suite *analysis_refusals_suite(void)
{
    Suite *suite = suite_create("analysis_refusals");
    TCase *tcase = tcase_create("analysis_refusals");

    tcase_add_checked_fixture(tcase, setup, asking_teardown);
    tcase_add_loop_test(tcase, refusals_name_the_place_and_the_mend, 0,
                        COUNT(refusals));
    tcase_add_test(tcase, there_is_no_query);
    tcase_add_test(tcase, only_json_is_read);
    tcase_add_test(tcase, other_methods_say_what_is_allowed);
    suite_add_tcase(suite, tcase);
    return suite;
}
