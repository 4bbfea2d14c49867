/**
 * Formats that store fixed runs of consecutive elements as blocks of bytes. The GGML formats are
 * those of GGUF files (source: ggml-common.h of github.com/ggml-org/ggml); F4 is safetensors'
 * packed E2M1, two elements to a byte.
 */
export const BLOCK_FORMATS = {
  F4: { elements: 2, sizeBytes: 1 },
  Q4_0: { elements: 32, sizeBytes: 18 },
  Q4_1: { elements: 32, sizeBytes: 20 },
  Q5_0: { elements: 32, sizeBytes: 22 },
  Q5_1: { elements: 32, sizeBytes: 24 },
  Q8_0: { elements: 32, sizeBytes: 34 },
  Q2_K: { elements: 256, sizeBytes: 84 },
  Q3_K: { elements: 256, sizeBytes: 110 },
  Q4_K: { elements: 256, sizeBytes: 144 },
  Q5_K: { elements: 256, sizeBytes: 176 },
  Q6_K: { elements: 256, sizeBytes: 210 },
  Q8_K: { elements: 256, sizeBytes: 292 },
  IQ4_NL: { elements: 32, sizeBytes: 18 },
  IQ4_XS: { elements: 256, sizeBytes: 136 },
  TQ1_0: { elements: 256, sizeBytes: 54 },
  TQ2_0: { elements: 256, sizeBytes: 66 },
  MXFP4: { elements: 32, sizeBytes: 17 },
  NVFP4: { elements: 64, sizeBytes: 36 },
  Q1_0: { elements: 128, sizeBytes: 18 },
  Q2_0: { elements: 64, sizeBytes: 18 },
  IQ1_S: { elements: 256, sizeBytes: 50 },
  IQ1_M: { elements: 256, sizeBytes: 56 },
  IQ2_XXS: { elements: 256, sizeBytes: 66 },
  IQ2_XS: { elements: 256, sizeBytes: 74 },
  IQ2_S: { elements: 256, sizeBytes: 82 },
  IQ3_XXS: { elements: 256, sizeBytes: 98 },
  IQ3_S: { elements: 256, sizeBytes: 110 },
} as const

export type BlockFormat = keyof typeof BLOCK_FORMATS
