// SPDX-License-Identifier: MIT
/* What a tensor can be asked about itself. */
#include "internal.h"

#include <string.h>

wg_tensor *wg_name(wg_tensor *tensor, const char *name)
{
    if (!tensor || !wg__usable(tensor)) return NULL;
    if (!tensor->node)
        return wg__fail(tensor->tape, wg_caller(), "wg_name: leaf \"%s\" has its name for good",
                        tensor->name);
    if (!name || !*name) return wg__fail(tensor->tape, wg_caller(), "wg_name: no name is given");
    const wg__name *entry = wg__intern_name(tensor->tape, tensor->tape->scope, name);
    if (!entry) return wg__out_of_memory(tensor->tape);
    tensor->name = entry->text;
    return tensor;
}

const char *wg_name_of(const wg_tensor *tensor)
{
    return tensor ? tensor->name : NULL;
}

wg_dtype wg_dtype_of(const wg_tensor *tensor)
{
    return tensor ? tensor->type->dtype : WG_NO_DTYPE;
}

wg_shape wg_shape_of_tensor(const wg_tensor *tensor)
{
    return tensor ? tensor->type->shape : (wg_shape){0};
}

const wg_type *wg_type_of(const wg_tensor *tensor)
{
    return tensor ? tensor->type : NULL;
}

int64_t wg_count_of(const wg_tensor *tensor)
{
    return tensor ? tensor->type->count : 0;
}

wg_role wg_role_of(const wg_tensor *tensor)
{
    return tensor ? (wg_role)tensor->role : WG_RECORDED;
}

const wg_op *wg_op_of(const wg_tensor *tensor)
{
    return tensor && tensor->node ? tensor->node->op : NULL;
}

const void *wg_attrs_of(const wg_tensor *tensor)
{
    return tensor && tensor->node ? tensor->node->attrs : NULL;
}

wg_tensors wg_inputs_of(const wg_tensor *tensor)
{
    if (!tensor || !tensor->node) return (wg_tensors){0};
    return (wg_tensors){.count = tensor->node->inputs, .at = tensor->node->x};
}

int wg_output_number(const wg_tensor *tensor)
{
    return tensor && tensor->node ? (int)(tensor->index - tensor->node->first) : 0;
}

const char *wg_where_of(const wg_tensor *tensor)
{
    return tensor && tensor->node ? tensor->node->where : "?";
}

const char *wg_scope_of(const wg_tensor *tensor)
{
    return tensor && tensor->node ? tensor->node->scope : "";
}

wg_tensor *wg_derived_from(const wg_tensor *tensor)
{
    return tensor && tensor->node ? tensor->node->from : NULL;
}
