"""MaPLe at ViT-B/16's shape in PyTorch, as the official code computes it: all 77 text positions, gradients by autograd.

A peer of bench/compare.js: does the tasks step and features, the latter with the tower and pictures of a file that
this library wrote. Needs torch; random weights, float32.
"""

import sys
from collections import OrderedDict

import torch
from answer_tasks import answer_tasks
from safetensors.torch import load_file
from torch import nn


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.type(torch.float32)).type(x.dtype)


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    """Replaces the prompt tokens before every layer but the first, as ResidualAttentionBlock_MaPLe does."""

    def __init__(self, width, heads, length, text, first, mask):
        super().__init__()
        self.attn = nn.MultiheadAttention(width, heads)
        self.ln_1 = LayerNorm(width)
        self.mlp = nn.Sequential(
            OrderedDict(
                c_fc=nn.Linear(width, 4 * width), gelu=QuickGELU(), c_proj=nn.Linear(4 * width, width)
            )
        )
        self.ln_2 = LayerNorm(width)
        self.text, self.first, self.length = text, first, length
        self.register_buffer("mask", mask)

    def forward(self, inputs):
        x, prompts, counter = inputs
        if not self.first and counter < len(prompts):
            fresh = prompts[counter].expand(x.shape[1], -1, -1).permute(1, 0, 2)
            if self.text:
                x = torch.cat([x[:1], fresh, x[1 + self.length :]], dim=0)
            else:
                x = torch.cat([x[: x.shape[0] - self.length], fresh], dim=0)
            counter += 1
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=self.mask)[0]
        return [x + self.mlp(self.ln_2(x)), prompts, counter]


class MaPLe(nn.Module):
    def __init__(self, classes, depth=9, length=2, layers=12, context=77):
        super().__init__()
        d_v, d_l, embed = 768, 512, 512
        mask = torch.full((context, context), float("-inf")).triu_(1)
        self.length = length
        self.conv1 = nn.Conv2d(3, d_v, 16, 16, bias=False)
        self.class_embedding = nn.Parameter(d_v**-0.5 * torch.randn(d_v))
        self.vision_positions = nn.Parameter(d_v**-0.5 * torch.randn(197, d_v))
        self.ln_pre, self.ln_post = LayerNorm(d_v), LayerNorm(d_v)
        self.vision = nn.Sequential(*[Block(d_v, 12, length, False, i == 0, None) for i in range(layers)])
        self.vision_projection = nn.Parameter(d_v**-0.5 * torch.randn(d_v, embed))
        self.text_positions = nn.Parameter(0.01 * torch.randn(context, d_l))
        self.text = nn.Sequential(*[Block(d_l, 8, length, True, i == 0, mask) for i in range(layers)])
        self.ln_final = LayerNorm(d_l)
        self.text_projection = nn.Parameter(d_l**-0.5 * torch.randn(d_l, embed))
        self.logit_scale = nn.Parameter(torch.tensor(4.6))
        self.register_buffer("tokens", 0.02 * torch.randn(classes, context, d_l))
        self.register_buffer("ends", torch.arange(classes) % 6 + 7)
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        self.ctx = nn.Parameter(0.02 * torch.randn(length, d_l))
        self.proj = nn.Linear(d_l, d_v)
        self.deep = nn.ParameterList([nn.Parameter(0.02 * torch.randn(length, d_l)) for _ in range(depth - 1)])
        self.projections = nn.ModuleList([nn.Linear(d_l, d_v) for _ in range(depth - 1)])

    def image_features(self, images, shared, deep):
        x = self.conv1(images).flatten(2).permute(0, 2, 1)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, -1), x], dim=1) + self.vision_positions
        x = torch.cat([x, shared.expand(x.shape[0], -1, -1)], dim=1)
        x = self.vision([self.ln_pre(x).permute(1, 0, 2), deep, 0])[0].permute(1, 0, 2)
        return self.ln_post(x[:, 0, :]) @ self.vision_projection

    def forward(self, images):
        classes = self.tokens.shape[0]
        prompts = torch.cat(
            [self.tokens[:, :1], self.ctx.expand(classes, -1, -1), self.tokens[:, 1 + self.length :]], dim=1
        )
        x = (prompts + self.text_positions).permute(1, 0, 2)
        x = self.text([x, list(self.deep), 0])[0].permute(1, 0, 2)
        text = self.ln_final(x)[torch.arange(classes), self.ends] @ self.text_projection
        deep = [layer(prompt) for layer, prompt in zip(self.projections, self.deep)]
        image = self.image_features(images, self.proj(self.ctx), deep)
        image = image / image.norm(dim=-1, keepdim=True)
        text = text / text.norm(dim=-1, keepdim=True)
        return self.logit_scale.exp() * image @ text.t()


class ImageTower(nn.Module):
    """The image tower of a tuned model, its worked-out prompts in it, with the weights of a file of bench/peers/ours.js."""

    def __init__(self, tensors):
        super().__init__()
        self.model = MaPLe(1).eval()
        with torch.no_grad():
            for target, source in self.sources():
                value = tensors[f"vision/{source}"]
                if source.startswith("block") and source.endswith("kernel"):
                    value = value.T
                target.copy_(value.permute(3, 2, 0, 1) if value.ndim == 4 else value)
        self.depth = sum(name.startswith("vision/prompt") for name in tensors)
        for index in range(self.depth):
            self.register_buffer(f"prompt_{index}", tensors[f"vision/prompt_{index}/prompt"])

    def sources(self):
        model = self.model
        yield model.conv1.weight, "patches/kernel"
        yield model.class_embedding, "patches/class_token"
        yield model.vision_positions, "positions/positions"
        yield model.vision_projection, "projection/kernel"
        norms = [(model.ln_pre, "pre_norm"), (model.ln_post, "post_norm")]
        maps = []
        for index, block in enumerate(model.vision):
            at = f"block_{index}"
            norms += [(block.ln_1, f"{at}/norm_1"), (block.ln_2, f"{at}/norm_2")]
            yield block.attn.in_proj_weight, f"{at}/attention/qkv/kernel"
            yield block.attn.in_proj_bias, f"{at}/attention/qkv/bias"
            maps += [(block.attn.out_proj, f"{at}/attention/out")]
            maps += [(block.mlp.c_fc, f"{at}/mlp/up"), (block.mlp.c_proj, f"{at}/mlp/down")]
        for norm, name in norms:
            yield norm.weight, f"{name}/gamma"
            yield norm.bias, f"{name}/beta"
        for linear, name in maps:
            yield linear.weight, f"{name}/kernel"
            yield linear.bias, f"{name}/bias"

    def forward(self, images):
        shared, *deep = [getattr(self, f"prompt_{index}") for index in range(self.depth)]
        return self.model.image_features(images, shared, deep)


def read_shared(path):
    """The tower of a file of bench/peers/ours.js, and its pictures [N, 3, 224, 224]."""
    tensors = load_file(path)
    return ImageTower(tensors), tensors["images"].permute(0, 3, 1, 2).contiguous()


def main():
    classes, batch, threads = (int(value) for value in sys.argv[1:4])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    tasks = {}
    if len(sys.argv) > 4:
        tower, pictures = read_shared(sys.argv[4])
        tasks["features"] = torch.no_grad()(lambda: tower(pictures).numpy())
    else:
        tasks["step"] = training_step(MaPLe(classes), batch, classes)
    answer_tasks(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", tasks)


def training_step(model, batch, classes):
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.0035, momentum=0.9, weight_decay=5e-4)
    images, labels = torch.randn(batch, 3, 224, 224), torch.arange(batch) % classes

    def step():
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


if __name__ == "__main__":
    main()
