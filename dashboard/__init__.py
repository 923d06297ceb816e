"""The dashboard: pages over the published file. It shows what stands there and computes no statistic."""
