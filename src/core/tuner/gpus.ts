/** One GPU. Speeds are the data sheet's, dense (without sparsity). */
export interface Gpu {
  readonly id: string;
  readonly name: string;
  /** Bytes as the driver reports them to vLLM, a little less than the nominal size. */
  readonly memory: number;
  /** Nominal size in GB, as rules of thumb use it. */
  readonly nominalGb: number;
  /** Bytes per second; `null` for a size without a name. */
  readonly bandwidth: number | null;
  /** Floating point operations per second with 16-bit and 8-bit numbers; fp8 `null` where there are none. */
  readonly flops: number | null;
  readonly flops8: number | null;
}

const GIB = 2 ** 30;
const T = 1e12;

function gpu(
  id: string,
  name: string,
  gib: number,
  nominalGb: number,
  terabytes: number,
  tflops: number,
  tflops8: number | null,
): Gpu {
  return {
    id,
    name,
    memory: gib * GIB,
    nominalGb,
    bandwidth: terabytes * T,
    flops: tflops * T,
    flops8: tflops8 === null ? null : tflops8 * T,
  };
}

/** Sources: NVIDIA and AMD data sheets; memory as `torch.cuda.mem_get_info` reports it. */
export const GPUS: readonly Gpu[] = [
  gpu('h100', 'NVIDIA H100 SXM 80 GB', 79.2, 80, 3.35, 989, 1979),
  gpu('h100-pcie', 'NVIDIA H100 PCIe 80 GB', 79.2, 80, 2.0, 756, 1513),
  gpu('h200', 'NVIDIA H200 141 GB', 139.8, 141, 4.8, 989, 1979),
  gpu('b200', 'NVIDIA B200 180 GB', 178.4, 180, 8.0, 2250, 4500),
  gpu('a100-80gb', 'NVIDIA A100 SXM 80 GB', 79.2, 80, 2.039, 312, null),
  gpu('a100-40gb', 'NVIDIA A100 SXM 40 GB', 39.4, 40, 1.555, 312, null),
  gpu('l40s', 'NVIDIA L40S 48 GB', 44.4, 48, 0.864, 362, 733),
  gpu('l4', 'NVIDIA L4 24 GB', 22, 24, 0.3, 121, 242),
  gpu('a10', 'NVIDIA A10 24 GB', 22, 24, 0.6, 125, null),
  gpu('t4', 'NVIDIA T4 16 GB', 14.6, 16, 0.32, 65, null),
  gpu('rtx-5090', 'NVIDIA RTX 5090 32 GB', 31.4, 32, 1.792, 209, 419),
  gpu('rtx-4090', 'NVIDIA RTX 4090 24 GB', 23.5, 24, 1.008, 165, 330),
  gpu('mi300x', 'AMD MI300X 192 GB', 191.9, 192, 5.3, 1307, 2614),
];

/**
 * @param text an id of the list in any spelling (`H100`, `h100 sxm`), or GiB of a GPU nobody named: `24`, `24GiB`
 * @returns `null` for anything else
 */
export function gpuNamed(text: string): Gpu | null {
  const plain = (name: string) => name.toLowerCase().replace(/nvidia|amd|sxm\d?|[^a-z0-9]/g, '');
  const wanted = plain(text);
  const found = GPUS.find((one) => plain(one.id) === wanted || plain(one.name) === wanted);
  if (found) return found;
  const gib = /^(\d+(?:\.\d+)?)\s*(?:gib|gb|g)?$/i.exec(text.trim())?.[1];
  const size = Number(gib);
  if (gib === undefined || !(size > 0) || size > 4096) return null;
  return {
    id: gib,
    name: `a GPU of ${gib} GiB`,
    memory: size * GIB,
    nominalGb: size,
    bandwidth: null,
    flops: null,
    flops8: null,
  };
}
