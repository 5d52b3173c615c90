#include "CReferences.h"

// C23's #embed, which clang takes in older modes as an extension. A test holds this list to the folder.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char figure_10_and_12[] = {
#embed "../../Reports/reference/figure-10-and-12.csv"
};
static const unsigned char figure_11[] = {
#embed "../../Reports/reference/figure-11.csv"
};
static const unsigned char figure_13[] = {
#embed "../../Reports/reference/figure-13.csv"
};
static const unsigned char figure_14_deltas[] = {
#embed "../../Reports/reference/figure-14-deltas.csv"
};
static const unsigned char figure_14[] = {
#embed "../../Reports/reference/figure-14.csv"
};
static const unsigned char figure_15[] = {
#embed "../../Reports/reference/figure-15.csv"
};
static const unsigned char figure_17[] = {
#embed "../../Reports/reference/figure-17.csv"
};
static const unsigned char figure_2[] = {
#embed "../../Reports/reference/figure-2.csv"
};
static const unsigned char figure_4[] = {
#embed "../../Reports/reference/figure-4.csv"
};
static const unsigned char figure_5[] = {
#embed "../../Reports/reference/figure-5.csv"
};
static const unsigned char figure_6[] = {
#embed "../../Reports/reference/figure-6.csv"
};
static const unsigned char figure_7[] = {
#embed "../../Reports/reference/figure-7.csv"
};
static const unsigned char figure_9[] = {
#embed "../../Reports/reference/figure-9.csv"
};
static const unsigned char harness_protocols[] = {
#embed "../../Reports/reference/harness-protocols.csv"
};
static const unsigned char known_causes[] = {
#embed "../../Reports/reference/known-causes.csv"
};
static const unsigned char models[] = {
#embed "../../Reports/reference/models.csv"
};
static const unsigned char other_harnesses[] = {
#embed "../../Reports/reference/other-harnesses.csv"
};
static const unsigned char robustness_natural_shifts[] = {
#embed "../../Reports/reference/robustness-natural-shifts.csv"
};
static const unsigned char robustness_testbed[] = {
#embed "../../Reports/reference/robustness-testbed.csv"
};
static const unsigned char samples[] = {
#embed "../../Reports/reference/samples.csv"
};
static const unsigned char table_1[] = {
#embed "../../Reports/reference/table-1.csv"
};
static const unsigned char table_10[] = {
#embed "../../Reports/reference/table-10.csv"
};
static const unsigned char table_11[] = {
#embed "../../Reports/reference/table-11.csv"
};
static const unsigned char table_12[] = {
#embed "../../Reports/reference/table-12.csv"
};
static const unsigned char table_13[] = {
#embed "../../Reports/reference/table-13.csv"
};
static const unsigned char table_14[] = {
#embed "../../Reports/reference/table-14.csv"
};
static const unsigned char table_15[] = {
#embed "../../Reports/reference/table-15.csv"
};
static const unsigned char table_16_results[] = {
#embed "../../Reports/reference/table-16-results.csv"
};
static const unsigned char table_16[] = {
#embed "../../Reports/reference/table-16.csv"
};
static const unsigned char table_17[] = {
#embed "../../Reports/reference/table-17.csv"
};
static const unsigned char table_18[] = {
#embed "../../Reports/reference/table-18.csv"
};
static const unsigned char table_19[] = {
#embed "../../Reports/reference/table-19.csv"
};
static const unsigned char table_2[] = {
#embed "../../Reports/reference/table-2.csv"
};
static const unsigned char table_20[] = {
#embed "../../Reports/reference/table-20.csv"
};
static const unsigned char table_3[] = {
#embed "../../Reports/reference/table-3.csv"
};
static const unsigned char table_4[] = {
#embed "../../Reports/reference/table-4.csv"
};
static const unsigned char table_5[] = {
#embed "../../Reports/reference/table-5.csv"
};
static const unsigned char table_6[] = {
#embed "../../Reports/reference/table-6.csv"
};
static const unsigned char table_7[] = {
#embed "../../Reports/reference/table-7.csv"
};
static const unsigned char table_8[] = {
#embed "../../Reports/reference/table-8.csv"
};
static const unsigned char table_9[] = {
#embed "../../Reports/reference/table-9.csv"
};

static const cr_table tables[] = {
    {"figure-10-and-12.csv", figure_10_and_12, sizeof figure_10_and_12},
    {"figure-11.csv", figure_11, sizeof figure_11},
    {"figure-13.csv", figure_13, sizeof figure_13},
    {"figure-14-deltas.csv", figure_14_deltas, sizeof figure_14_deltas},
    {"figure-14.csv", figure_14, sizeof figure_14},
    {"figure-15.csv", figure_15, sizeof figure_15},
    {"figure-17.csv", figure_17, sizeof figure_17},
    {"figure-2.csv", figure_2, sizeof figure_2},
    {"figure-4.csv", figure_4, sizeof figure_4},
    {"figure-5.csv", figure_5, sizeof figure_5},
    {"figure-6.csv", figure_6, sizeof figure_6},
    {"figure-7.csv", figure_7, sizeof figure_7},
    {"figure-9.csv", figure_9, sizeof figure_9},
    {"harness-protocols.csv", harness_protocols, sizeof harness_protocols},
    {"known-causes.csv", known_causes, sizeof known_causes},
    {"models.csv", models, sizeof models},
    {"other-harnesses.csv", other_harnesses, sizeof other_harnesses},
    {"robustness-natural-shifts.csv", robustness_natural_shifts, sizeof robustness_natural_shifts},
    {"robustness-testbed.csv", robustness_testbed, sizeof robustness_testbed},
    {"samples.csv", samples, sizeof samples},
    {"table-1.csv", table_1, sizeof table_1},
    {"table-10.csv", table_10, sizeof table_10},
    {"table-11.csv", table_11, sizeof table_11},
    {"table-12.csv", table_12, sizeof table_12},
    {"table-13.csv", table_13, sizeof table_13},
    {"table-14.csv", table_14, sizeof table_14},
    {"table-15.csv", table_15, sizeof table_15},
    {"table-16-results.csv", table_16_results, sizeof table_16_results},
    {"table-16.csv", table_16, sizeof table_16},
    {"table-17.csv", table_17, sizeof table_17},
    {"table-18.csv", table_18, sizeof table_18},
    {"table-19.csv", table_19, sizeof table_19},
    {"table-2.csv", table_2, sizeof table_2},
    {"table-20.csv", table_20, sizeof table_20},
    {"table-3.csv", table_3, sizeof table_3},
    {"table-4.csv", table_4, sizeof table_4},
    {"table-5.csv", table_5, sizeof table_5},
    {"table-6.csv", table_6, sizeof table_6},
    {"table-7.csv", table_7, sizeof table_7},
    {"table-8.csv", table_8, sizeof table_8},
    {"table-9.csv", table_9, sizeof table_9},
};

size_t cr_table_count(void) { return sizeof tables / sizeof *tables; }

cr_table cr_table_at(size_t index) { return tables[index]; }
