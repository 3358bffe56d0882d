// SPDX-License-Identifier: MIT
/*
 * What training has learnt, kept in a folder: each param and each state of a tape (running
 * statistics, momentum) in a .npy file of its name.
 *
 * The file of "conv1/W" is "conv1.W.npy": a slash becomes a dot, letters, digits, '_' and '-' stay,
 * any other byte becomes %XX, its two hexadecimal digits (a dot %2E). So two names never share a
 * file, and no name leaves the folder.
 */
#ifndef WENGERT_FORMATS_PARAMS_H
#define WENGERT_FORMATS_PARAMS_H

#include "../graph/tape.h"

WG_BEGIN_DECLS

/*
 * Writes the values of all params and states of the tape into `folder`, which is made when it is
 * missing; its parent must be there. Each file is replaced as a whole; a crash between two files
 * leaves new ones beside old ones. False with the error on the tape, also when one was there
 * before: then nothing is written.
 */
WG_API bool wg_params_save(wg_tape *tape, const char *folder);

/* Reads the values of all params and states of the tape, which must be known to it by now, from
   `folder`. All files are read and held against the leaves' dtypes and shapes first; on an
   error, which is on the tape, no leaf has changed. Other files in the folder do not matter. */
WG_API bool wg_params_load(wg_tape *tape, const char *folder);

WG_END_DECLS

#if !defined(WG__INSIDE) && !defined(__cplusplus)
#define wg_params_save(...) WG__CALL_BOOL(wg_params_save(__VA_ARGS__))
#define wg_params_load(...) WG__CALL_BOOL(wg_params_load(__VA_ARGS__))
#endif

#endif
