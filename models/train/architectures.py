"""Four small causal language models, in the tensor names and conventions of llama.cpp.

Every forward pass takes one head (a token sequence that all rows begin with, [H]) and a body
([B, T], padded at its end), and gives the body's logits at chosen places. The head is evaluated
once and shared. Hidden states lie flat, [H + B T, D]: head first, then the body row by row.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, HEADS, HEAD, LAYERS, CONTEXT = 128, 4, 32, 4, 512


class Linear(nn.Linear):
    def __init__(self, inputs, outputs, bias=False, gain=1.0):
        super().__init__(inputs, outputs, bias)
        nn.init.normal_(self.weight, std=gain / math.sqrt(inputs))
        if bias:
            nn.init.zeros_(self.bias)


class RmsNorm(nn.Module):
    def __init__(self, size, epsilon=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rotate(x, place, neox, base=10000.0):
    """Rotary positions. x [N, heads, HEAD], place [N]. llama turns neighbours, the others halves."""
    angle = place[:, None] * base ** (-torch.arange(0, HEAD, 2) / HEAD)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    if neox:
        a, b = x.chunk(2, -1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


def attend(query, key, value, shape, scale):
    """Causal attention of the head over itself and of every row over the head and itself.

    query, key, value [H + B T, heads, HEAD]; returns [H + B T, heads * HEAD].
    """
    head, rows, length = shape
    q, k, v = (x.transpose(0, 1) for x in (query, key, value))  # [heads, N, HEAD]
    scores = q[:, :head] @ k[:, :head].transpose(1, 2) * scale
    past = torch.ones(head, head, dtype=torch.bool).tril()
    of_head = scores.masked_fill(~past, -1e9).softmax(-1) @ v[:, :head]
    heads = q.shape[0]
    split = lambda x: x[:, head:].reshape(heads, rows, length, HEAD)
    q_body, k_body, v_body = split(q), split(k), split(v)
    over_head = (q[:, head:] @ k[:, :head].transpose(1, 2)).reshape(heads, rows, length, head)
    over_self = q_body @ k_body.transpose(2, 3)
    past = torch.ones(length, length, dtype=torch.bool).tril()
    over_self = over_self.masked_fill(~past, -1e9)
    weight = (torch.cat([over_head, over_self], -1) * scale).softmax(-1)
    from_head = weight[..., :head].reshape(heads, rows * length, head) @ v[:, :head]
    of_body = from_head + (weight[..., head:] @ v_body).reshape(heads, rows * length, HEAD)
    return torch.cat([of_head, of_body], 1).transpose(0, 1).flatten(1)


class Attention(nn.Module):
    """llama and qwen3: rotary; qwen3 shares keys and values between heads, and normalises queries and keys."""

    def __init__(self, kind, epsilon):
        super().__init__()
        self.kind = kind
        self.kv_heads = 4 if kind == "llama" else 2
        self.attn_q = Linear(WIDTH, HEADS * HEAD)
        self.attn_k = Linear(WIDTH, self.kv_heads * HEAD)
        self.attn_v = Linear(WIDTH, self.kv_heads * HEAD)
        self.attn_output = Linear(HEADS * HEAD, WIDTH, gain=0.3)
        if kind != "llama":
            self.attn_q_norm = RmsNorm(HEAD, epsilon)
            self.attn_k_norm = RmsNorm(HEAD, epsilon)

    def forward(self, x, place, shape):
        q, k, v = (
            linear(x).unflatten(-1, (-1, HEAD)) for linear in (self.attn_q, self.attn_k, self.attn_v)
        )
        if self.kind != "llama":
            q, k = self.attn_q_norm(q), self.attn_k_norm(k)
        neox = self.kind != "llama"
        q, k = rotate(q, place, neox), rotate(k, place, neox)
        repeat = HEADS // self.kv_heads
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        return self.attn_output(attend(q, k, v, shape, HEAD**-0.5))


class RotaryBlock(nn.Module):
    HIDDEN = 384

    def __init__(self, kind):
        super().__init__()
        epsilon = 1e-6
        self.attn_norm = RmsNorm(WIDTH, epsilon)
        self.attention = Attention(kind, epsilon)
        self.ffn_norm = RmsNorm(WIDTH, epsilon)
        self.ffn_gate = Linear(WIDTH, self.HIDDEN)
        self.ffn_up = Linear(WIDTH, self.HIDDEN)
        self.ffn_down = Linear(self.HIDDEN, WIDTH, gain=0.3)

    def forward(self, x, place, shape):
        x = x + self.attention(self.attn_norm(x), place, shape)
        y = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Gpt2Block(nn.Module):
    HIDDEN = 512

    def __init__(self):
        super().__init__()
        self.attn_norm = nn.LayerNorm(WIDTH)
        self.attn_qkv = Linear(WIDTH, 3 * HEADS * HEAD, bias=True)
        self.attn_output = Linear(HEADS * HEAD, WIDTH, bias=True, gain=0.3)
        self.ffn_norm = nn.LayerNorm(WIDTH)
        self.ffn_up = Linear(WIDTH, self.HIDDEN, bias=True)
        self.ffn_down = Linear(self.HIDDEN, WIDTH, bias=True, gain=0.3)

    def forward(self, x, place, shape):
        q, k, v = (y.unflatten(-1, (-1, HEAD)) for y in self.attn_qkv(self.attn_norm(x)).chunk(3, -1))
        x = x + self.attn_output(attend(q, k, v, shape, HEAD**-0.5))
        return x + self.ffn_down(F.gelu(self.ffn_up(self.ffn_norm(x)), approximate="tanh"))


class Mamba2Block(nn.Module):
    """A state-space layer: no attention, the past is a state of fixed size."""

    INNER, STATE, CONV = 256, 64, 4
    SSM_HEADS = 8
    HIDDEN = 0

    def __init__(self):
        super().__init__()
        self.inner_head = self.INNER // self.SSM_HEADS
        mixed = self.INNER + 2 * self.STATE
        self.attn_norm = RmsNorm(WIDTH)
        self.ssm_in = Linear(WIDTH, self.INNER + mixed + self.SSM_HEADS)
        self.ssm_conv1d_weight = nn.Parameter(torch.randn(mixed, self.CONV) * 0.5)
        self.ssm_conv1d_bias = nn.Parameter(torch.zeros(mixed))
        step = torch.exp(torch.linspace(math.log(0.01), math.log(0.5), self.SSM_HEADS))
        self.ssm_dt_bias = nn.Parameter(step + torch.log(-torch.expm1(-step)))
        self.log_a = nn.Parameter(torch.linspace(math.log(0.1), math.log(4), self.SSM_HEADS))
        self.ssm_d = nn.Parameter(torch.ones(self.SSM_HEADS))
        self.ssm_norm = nn.Parameter(torch.ones(self.INNER))
        self.ssm_out = Linear(self.INNER, WIDTH, gain=0.3)

    def conv(self, x):
        """x [B, CONV - 1 + T, mixed], the places before first; returns [B, T, mixed]."""
        length = x.shape[1] - self.CONV + 1
        taps = (x[:, i : i + length] * self.ssm_conv1d_weight[:, i] for i in range(self.CONV))
        return F.silu(sum(taps) + self.ssm_conv1d_bias)

    def scan(self, mixed, dt, before):
        """One state-space pass. mixed [B, T, INNER + 2 STATE], dt [B, T, heads], before [B or 1, heads, STATE, inner] or None."""
        u, b, c = mixed.split([self.INNER, self.STATE, self.STATE], -1)
        u = u.unflatten(-1, (self.SSM_HEADS, self.inner_head)).transpose(1, 2)  # [B, heads, T, inner]
        dt = dt.transpose(1, 2)  # [B, heads, T]
        decay = (-self.log_a.exp()[:, None] * dt).cumsum(-1)
        length = dt.shape[-1]
        past = torch.ones(length, length, dtype=torch.bool).tril()
        between = (decay[..., :, None] - decay[..., None, :]).masked_fill(~past, -1e9).exp()
        weight = between * (c @ b.transpose(1, 2))[:, None] * dt[:, :, None, :]
        y = weight @ u + self.ssm_d[:, None, None] * u
        if before is not None:
            y = y + decay.exp()[..., None] * (c[:, None] @ before)
        return y.transpose(1, 2).flatten(2), u, b, dt, decay

    def forward(self, x, place, shape):
        head, rows, length = shape
        z, mixed, dt = self.ssm_in(self.attn_norm(x)).split(
            [self.INNER, self.INNER + 2 * self.STATE, self.SSM_HEADS], -1
        )
        dt = F.softplus(dt + self.ssm_dt_bias)
        of_head = F.pad(mixed[:head][None], (0, 0, self.CONV - 1, 0))
        tail = of_head[:, -(self.CONV - 1) :].expand(rows, -1, -1)
        of_body = torch.cat([tail, mixed[head:].unflatten(0, (rows, length))], 1)
        y_head, u, b, steps, decay = self.scan(self.conv(of_head), dt[:head][None], None)
        weight = (decay[..., -1:] - decay).exp() * steps
        state = b.transpose(1, 2)[:, None] @ (weight[..., None] * u)
        y_body = self.scan(self.conv(of_body), dt[head:].unflatten(0, (rows, length)), state)[0]
        y = torch.cat([y_head[0], y_body.flatten(0, 1)], 0) * F.silu(z)
        y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + 1e-6) * self.ssm_norm
        return x + self.ssm_out(y)


class LanguageModel(nn.Module):
    """architecture: 'llama', 'gpt2', 'qwen3' or 'mamba2'. The output matrix is the embedding's."""

    def __init__(self, architecture, vocabulary):
        super().__init__()
        self.architecture = architecture
        self.token_embd = nn.Parameter(torch.randn(vocabulary, WIDTH) * 0.05)
        if architecture == "gpt2":
            self.position_embd = nn.Parameter(torch.randn(CONTEXT, WIDTH) * 0.02)
            self.blk = nn.ModuleList(Gpt2Block() for _ in range(LAYERS))
            self.output_norm = nn.LayerNorm(WIDTH)
        elif architecture == "mamba2":
            self.blk = nn.ModuleList(Mamba2Block() for _ in range(LAYERS + 1))
            self.output_norm = RmsNorm(WIDTH)
        else:
            self.blk = nn.ModuleList(RotaryBlock(architecture) for _ in range(LAYERS))
            self.output_norm = RmsNorm(WIDTH)

    def forward(self, head, body, rows, places):
        """Logits [M, vocabulary] after the body tokens (rows[i], places[i]); head [H], body [B, T]."""
        shape = (len(head), *body.shape)
        x = self.token_embd[torch.cat([head, body.flatten()])]
        place = torch.cat(
            [torch.arange(shape[0]), (shape[0] + torch.arange(shape[2])).repeat(shape[1])]
        )
        if self.architecture == "gpt2":
            x = x + self.position_embd[place]
        for block in self.blk:
            x = block(x, place, shape)
        x = x[shape[0] + rows * shape[2] + places]
        return self.output_norm(x) @ self.token_embd.T
