// SPDX-License-Identifier: MIT
/* Tables of text, with a column of classes where there is one named so. */
#include "fuzz.h"

#include <wengert/formats/csv.h>

bool fuzz_parse(const char *path, const wg_allocator *allocator, char reason[WG_REASON])
{
    static const char *const kind[] = {"kind", NULL};
    wg_table                 table;
    bool                     good = wg_csv_read(
                            path, &(wg_csv_options){.classes = kind, .missing_is_nan = true, .allocator = allocator},
                            &table, reason);
    if (good) {
        const int64_t *label = table.labels.data;
        for (int64_t i = 0; i < table.labels.type.count; i++)
            good = good && label[i] >= 0 && label[i] < table.label[0].class_count;
    }
    fuzz_look(&table.numbers);
    wg_table_free(&table);
    return good;
}
