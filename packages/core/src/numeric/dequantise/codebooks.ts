/** The 16 levels of IQ4_NL and IQ4_XS (ggml-common.h, kvalues_iq4nl). */
export const IQ4_CODEBOOK = Float32Array.of(
  -127,
  -104,
  -83,
  -65,
  -49,
  -35,
  -22,
  -10,
  1,
  13,
  25,
  38,
  53,
  69,
  89,
  113,
)

/** Twice the values of E2M1 (OCP Microscaling Formats 1.0, section 5.3.3), so that all are whole; −0 is 0. */
export const FP4_DOUBLED = Float32Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)
