// SPDX-License-Identifier: MIT
/* The price of a house by a table of numbers, some of them missing, and a column of classes. A
   missing number counts as the mean, and another column says that it is missing; a class is a row
   of a table that is learnt. The tape takes care of both, so the loader hands out rows as they
   are. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wengert/wengert.h>

enum { BATCH = 50, COLUMNS = 5, PRICE = 4 }; /* area, rooms, age, distance, and the price */

static wg_model network(wg_tape *tape, int64_t batch, bool training, void *context)
{
    const wg_table *table = context;
    (void)training;
    wg_model   m = {.x = wg_input(tape, "numbers", WG_F32, WG_SHAPE(batch, COLUMNS)),
                    .y = wg_input(tape, "district", WG_I64, WG_SHAPE(batch, 1))};
    wg_tensor *numbers = wg_slice(m.x, 1, 0, PRICE), *price = wg_slice(m.x, 1, PRICE, WG_TO_END);
    wg_tensor *missing = wg_ne(numbers, numbers); /* only NaN differs from itself */
    wg_tensor *district = wg_nn_embedding(wg_select(m.y, 1, 0), "district",
                                          .rows = table->label[0].class_count, .width = 4);
    wg_tensor *h =
        wg_cat(WG_TENSORS(wg_where(missing, 0, numbers), wg_cast(missing, WG_F32), district), 1);
    h = wg_relu(wg_nn_linear(h, "fc1", .outputs = 64));
    h = wg_relu(wg_nn_linear(h, "fc2", .outputs = 64));
    m.output = wg_nn_linear(h, "fc3", .outputs = 1);
    m.loss = wg_mse_loss(m.output, price);
    return m;
}

static wg_tensors optimiser(const wg_gradients *gradients, wg_tensor *rate, void *context)
{
    (void)context;
    return wg_adamw(gradients, .rate = rate, .decay = 0.01);
}

/* How well the prices of a loader's rows are told. */
static wg_fit evaluate(wg_tape *tape, wg_loader *loader, wg_table *table)
{
    wg_fit fit = {0};
    wg_tape_clear(tape);
    const wg_model  m = network(tape, BATCH, false, table);
    wg_tensor      *price = wg_slice(m.x, 1, PRICE, WG_TO_END);
    const wg_batch *batch;
    while ((batch = wg_loader_next(loader)) && wg_batch_write(batch, m.x, m.y))
        wg_fit_add(&fit, m.output, price);
    return fit;
}

static wg_fit learn(wg_table *table, wg_tape *tape, int64_t epochs, double *unit)
{
    const int64_t count = table->numbers.type.shape.dim[0];
    int64_t      *rows = malloc((size_t)count * sizeof *rows);
    if (!rows) return (wg_fit){0};
    const int64_t seen = wg_split_samples(count, 0.8, 1, rows);
    double        mean[COLUMNS], deviation[COLUMNS];
    wg_measure_channels(&table->numbers, rows, seen, mean, deviation);
    *unit = deviation[PRICE];
    struct wg_loader_settings settings = {.x = &table->numbers,
                                          .y = &table->labels,
                                          .batch = BATCH,
                                          .samples = rows,
                                          .count = seen,
                                          .shuffle = true,
                                          .seed = 1,
                                          .mean = mean,
                                          .deviation = deviation};
    wg_loader                *loader = wg_loader_new(&settings, NULL);
    settings.samples = rows + seen, settings.count = count - seen, settings.shuffle = false;
    wg_loader *unseen = wg_loader_new(&settings, NULL);
    wg_fit     fit = {0};
    if (loader && unseen &&
        wg_train(&(struct wg_training){.tape = tape,
                                       .network = network,
                                       .loader = loader,
                                       .optimiser = optimiser,
                                       .epochs = epochs,
                                       .schedule = wg_schedule_one_cycle(
                                           0.01, epochs * wg_loader_batches(loader)),
                                       .context = table},
                 NULL))
        fit = evaluate(tape, unseen, table);
    wg_loader_free(loader);
    wg_loader_free(unseen);
    free(rows);
    return fit;
}

int main(int count, char **arguments)
{
    const bool small = count == 2 && strcmp(arguments[1], "small") == 0;
    if (count > 1 && !small) {
        printf("usage: %s [small]    small: 10 epochs instead of 40\n", arguments[0]);
        return strncmp(arguments[1], "--", 2) ? 2 : 0; /* --help is no mistake */
    }
    const char *const    classes[] = {"district", NULL};
    const wg_csv_options options = {.missing_is_nan = true, .classes = classes};
    wg_table             table;
    char                 reason[WG_REASON];
    if (!wg_csv_read("data/houses/houses.csv", &options, &table, reason)) {
        printf("FAILED: %s\n", reason);
        return 1;
    }
    wg_tape     *tape = wg_tape_new();
    double       unit = 0;
    const wg_fit fit = learn(&table, tape, small ? 10 : 40, &unit);
    const bool   good = wg_fit_r2(&fit) >= 0.9 && !wg_tape_error(tape);
    if (wg_tape_error(tape)) fprintf(stderr, "%s\n", wg_tape_error(tape));
    printf("RMSE %.2f\n", unit * sqrt(wg_fit_mse(&fit)));
    printf("%s: R2 %.4f, 0.9 or more wanted\n", good ? "ok" : "FAILED", wg_fit_r2(&fit));
    wg_tape_free(tape);
    wg_table_free(&table);
    return good ? 0 : 1;
}
