"""The network of a plan (JSON on stdin) in PyTorch: seconds a step, one line of JSON."""

import json
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError:
    sys.exit("PyTorch is not installed")


class Twin(nn.Module):
    """Interprets the plan's nodes as training/network/network.ts does."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan
        self.layers = nn.ModuleDict()
        for node in plan["nodes"] + plan["sides"]:
            name, kind = node["name"], node["kind"]
            if kind == "convBnRelu":
                size, stride = node["kernel"], node["stride"]
                conv = nn.Conv2d(node["inChannels"], node["outChannels"], size, stride, size // 2, bias=False)
                self.layers[name] = nn.Sequential(conv, nn.BatchNorm2d(node["outChannels"]), nn.ReLU(inplace=True))
            elif kind == "head":
                size = node["kernel"]
                self.layers[name] = nn.Conv2d(node["inChannels"], node["outChannels"], size, 1, size // 2)
            elif kind == "gate":
                self.layers[name] = nn.Conv2d(node["inChannels"], len(node["maps"]), 1)

    def forward(self, x):
        values = {self.plan["input"]: x}
        in_view = None
        for node in self.plan["nodes"]:
            name, kind = node["name"], node["kind"]
            if kind == "maxPool":
                value = F.max_pool2d(values[node["input"]], node["factor"])
            elif kind == "upsample":
                value = F.interpolate(values[node["input"]], scale_factor=node["factor"], mode="bilinear", align_corners=False)
            elif kind == "concat":
                value = torch.cat([values[each] for each in node["inputs"]], 1)
            else:
                value = self.layers[name](values[node["input"]])
            if kind == "gate":
                in_view = value.amax((2, 3))
            values[name] = value
        sides = [self.layers[side["name"]](values[side["input"]]) for side in self.plan["sides"]]
        return values[self.plan["output"]], sides, in_view


def level_loss(logits, target, mask):
    wrong = (torch.sigmoid(logits) - target).detach().abs()
    weight = mask * (target * 12 + 0.5) * (1 + 2 * wrong * (target < 0.3))
    return (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).mean()


def main():
    given = json.load(sys.stdin)
    plan, options = given["plan"], given["plan"]["options"]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    net = Twin(plan).to(device)
    adam = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-3)
    batch, height, width = given["batch"], given["height"], given["width"]
    rows, columns = height // plan["stride"], width // plan["stride"]
    seconds = []
    for step in range(given["warmUp"] + given["timed"]):
        x = torch.rand(batch, options["channels"], height, width, device=device)
        target = (torch.rand(batch, options["maps"], rows, columns, device=device) < 0.01).float()
        mask = torch.ones_like(target)
        started = time.perf_counter()
        maps, sides, in_view = net(x)
        loss = level_loss(maps, target, mask)
        for side in sides:
            target, mask = F.max_pool2d(target, 2), -F.max_pool2d(-mask, 2)
            loss = loss + 0.1 * level_loss(side, target, mask)
        if in_view is not None:
            loss = loss + 0.1 * F.binary_cross_entropy_with_logits(in_view, torch.zeros_like(in_view))
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        adam.step()
        loss.item()
        if step >= given["warmUp"]:
            seconds.append(time.perf_counter() - started)
    where = "the GPU" if device == "cuda" else "the CPU"
    result = {"computedOn": f"{where} by PyTorch {torch.__version__}", "secondsPerStep": sorted(seconds)[len(seconds) // 2]}
    print(json.dumps(result))


main()
