"""The names that people use: of forwards and backwards, of their arguments, of gradients."""

from __future__ import annotations

import re

#: Methods of a class that make a forward and its backward, the most telling first.
METHOD_PAIRS: tuple[tuple[str, str], ...] = (
    ("forward", "backward"),
    ("forward_pass", "backward_pass"),
    ("fprop", "bprop"),
    ("forward_propagation", "backward_propagation"),
    ("forward_propagate", "back_propagate"),
    ("forward_propagate", "backward_propagate"),
    ("forward_prop", "back_prop"),
    ("forward_prop", "backward_prop"),
    ("forward_pass", "back_pass"),
    ("feedforward", "backprop"),
    ("feed_forward", "back_prop"),
    ("feedforward", "backpropagate"),
    ("forward", "backpropagate"),
    ("forward", "backpropagation"),
    ("forward", "back_propagation"),
    ("forward", "backprop"),
    ("forward", "back"),
    ("call", "backward"),
    ("__call__", "backward"),
    ("__call__", "backprop"),
    ("__call__", "gradient"),
    ("__call__", "grad"),
    ("__call__", "derivative"),
    ("__call__", "prime"),
    ("fn", "grad"),
    ("fn", "gradient"),
    ("compute", "gradient"),
    ("loss", "gradient"),
    ("loss", "grad"),
    ("loss", "derivative"),
    ("loss", "input_grad"),
    ("loss", "diff"),
    ("loss", "backward"),
    ("loss", "prime"),
    ("loss", "delta"),
    ("cost", "gradient"),
    ("cost", "grad"),
    ("cost", "derivative"),
    ("fn", "delta"),
    ("compute_loss", "compute_derivative"),
    ("compute_loss", "compute_gradient"),
    ("calculate", "gradient"),
    ("forward", "gradient"),
    ("forward", "grad"),
    ("forward", "derivative"),
    ("activation", "derivative"),
    ("activate", "derivative"),
    ("activate", "gradient"),
    ("activate", "derive"),
    ("function", "derivative"),
    ("function", "gradient"),
    ("func", "deriv"),
    ("func", "derivative"),
    ("func", "grad"),
    ("value", "derivative"),
    ("eval", "derivative"),
    ("apply", "derivative"),
    ("f", "df"),
    ("f", "prime"),
)

#: How a backward's name is made of its forward's: the part to replace, and by what.
FUNCTION_STEMS: tuple[tuple[str, str], ...] = (
    ("backward", "forward"),
    ("Backward", "Forward"),
    ("backward_prop", "forward_prop"),
    ("backward_propagation", "forward_propagation"),
    ("back_propagation", "forward_propagation"),
    ("backpropagation", "forward_propagation"),
    ("back_propagate", "forward_propagate"),
    ("backpropagate", "forward_propagate"),
    ("backpropagate", "forward"),
    ("back_prop", "forward_prop"),
    ("backprop", "forward"),
    ("backprop", "forwardprop"),
    ("backprop", "feedforward"),
    ("back_pass", "forward_pass"),
    ("backward_pass", "forward_pass"),
    ("bprop", "fprop"),
    ("bwd", "fwd"),
    ("bw", "fw"),
    ("backword", "forward"),
)

#: What a backward's name has after or before the name of its forward.  The first
#: list leaves no doubt; what has the second may be something else than a derivative.
PLAIN_SUFFIXES = ("_backward", "_bwd", "_backprop", "Backward", "_vjp", "_bprop")
PLAIN_PREFIXES = ("backward_", "bwd_", "back_")
LOOSE_SUFFIXES = (
    *("_prime", "_derivative", "_deriv", "_gradient", "_grad", "_der", "_d", "_dx", "_diff"),
    *("Prime", "Derivative", "Deriv", "Gradient", "Grad", "_derivate", "_delta", "_back"),
)
LOOSE_PREFIXES = (
    *("d_", "grad_", "gradient_", "derivative_of_", "derivative_", "deriv_", "delta_", "der_"),
    *("gradient_of_", "grad_of_", "d"),
)

#: Arguments, false unless given, that make a function return its own derivative.
DERIVATIVE_FLAGS = frozenset(
    {
        *("derivative", "deriv", "prime", "grad", "derive", "der", "gradient", "is_derivative"),
        *("is_grad", "d", "dx", "derivate", "return_derivative", "get_derivative", "backward"),
        *("differentiate", "diff"),
    }
)

LABELS = re.compile(
    r"(y|t|ys|ts|targets?|labels?|y_?true|true(_y|_labels?)?|y_?(batch|train)|truth|gt|actual"
    r"|expected(_output)?|ground_?truth|real|desired|y_?label|one_?hot(_y|_labels?)?|tgt|lbl"
    r"|correct(_labels?)?|d_?true|t_batch|y_actual|y_target|ytrue|reference|observed)"
)
PREDICTIONS = re.compile(
    r"(p|y_?hat|yhat|p_?hat|y_?pred(icted|iction|ictions)?|pred(s|icted|iction|ictions)?|al"
    r"|a[23]|a_?last|logits?|scores?|probs?|probabilit(y|ies)|outputs?|out|y_?out|estimated?"
    r"|y_?prob|y_?score)"
)
COTANGENTS = re.compile(
    r"(dout(put)?s?|dl_?d\w*|dj_?d\w*|de_?d\w*|dc_?d\w*|grads?|grads?_\w+|\w+_grads?|gradients?"
    r"|gradient_\w+|\w+_gradients?|upstream\w*|accum_grad\w*|deltas?|delta_\w+|\w+_delta|top_grad"
    r"|top_diff|dvalues|dnext_?\w*|d[ahyzcxsopu]\w{0,3}|d_\w+|error|errors|err|eta|gy|gout|g|dloss"
    r"|grad\w*|cotangent\w*|ct|back_?grad\w*|output_error|prev_dev|dy\w*|dz\w*|da\w*|dprev\w*"
    r"|dnext\w*|loss_grad\w*|din|residual\w*|sensitivit\w*|adjoint|bar|backward_\w*|in_?grad\w*)"
)
CACHES = re.compile(
    r"(caches?|ctx|context|saved|tape|memory|\w+_caches?|cache_\w+|current_cache|residuals?|res"
    r"|meta|store|states?|packed)"
)
RATES = re.compile(r"(lr|learn(ing)?_?rate|l_?rate|eta|step_?size|rate|alpha)")
OUTPUTS = re.compile(
    r"(al|a_?last|outs?|outputs?|y_?pred\w*|y_?hat|\w+_out|out_\w+|result|a|s|f_x)"
)

#: Words in a name that make a thing a loss, and what its labels are by its name.
LOSS_WORDS = re.compile(
    r"loss|cost|entropy|criterion|objective|mse|mae|rmse|hinge|nll|svm|bce|huber|likelihood"
    r"|divergence|l1|l2|error|quadratic|crossent|focal|dice|triplet|contrastive|kl_?div",
    re.IGNORECASE,
)
VALUE_AND_GRADIENT = re.compile(
    r"loss|cost|propagate|objective|criterion|svm|softmax|entropy|grad|regression|value_and",
    re.IGNORECASE,
)
NOT_VALUE_AND_GRADIENT = re.compile(
    r"load|update|predict|descent|check|optimi|train|plot|model|numerical|fit|test|step|sgd|adam",
    re.IGNORECASE,
)

#: Kinds of layer by words in its name, the first that is there.
KINDS: tuple[tuple[str, str], ...] = (
    ("conv", r"conv|filter"),
    ("pool", r"pool"),
    ("embedding", r"embed|lookup"),
    ("cell", r"step|cell"),
    ("sequence", r"rnn|lstm|gru|recurrent|temporal|time_?distributed|sequence"),
    ("attention", r"attention|attn|transformer|multi_?head"),
    ("image", r"upsampl|pad|spatial|group_?norm|image|im2col|2d|batch_?norm2d|unpool"),
    ("norm", r"norm"),
    ("dropout", r"drop"),
    ("reshape", r"flatten|reshape"),
    ("dense", r"dense|linear|affine|fc|fully|mat_?mul|projection"),
)

#: Methods that ready an instance, called once before its first forward where they are there.
PREPARATIONS = (
    *("set_input_shape", "initialize", "build", "_setup", "setup", "compile", "init_weights"),
    *("initialize_parameters", "init_params", "_init_params", "reset"),
)

#: Names that one tensor goes by.
SYNONYMS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            *("x", "a", "a_prev", "input", "inputs", "inp", "xt", "z", "in", "data", "x_in", "h"),
            *("values", "prev", "aprev", "input_data", "image", "images", "activation", "img"),
            *("x_t", "layer_input", "prev_a", "u", "feature", "features", "input_tensor", "inpt"),
        }
    ),
    frozenset({"w", "weights", "weight", "kernel", "kernels", "filters", "filter", "theta"}),
    frozenset({"b", "bias", "biases"}),
    frozenset({"gamma", "scale", "g"}),
    frozenset({"beta", "shift", "offset"}),
)
GRADIENT_PREFIXES = (
    *("dl_d", "dld", "dj_d", "djd", "de_d", "ded", "dc_d", "d_", "grads_", "grad_", "gradients_"),
    *("gradient_", "delta_", "diff_", "nabla_", "g_", "acc_grad_", "dloss_d", "partial_", "d"),
)
GRADIENT_SUFFIXES = (
    *("_grads", "_grad", "_gradients", "_gradient", "_diff", "_delta", "_deltas", "grad"),
    *("gradient", "_g"),
)
GRADIENT_CONTAINERS = re.compile(r"_?(\w+_)?(grads?|gradients?|derivatives|deltas?|d_?params)\w*")
