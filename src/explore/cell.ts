/*
 * Layout of a cell: all that is counted for one payload byte, as 32-bit words, in one block of memory so that a change
 * touches few cache lines. Slots of a 16-bit value or a float are those of the byte where the value begins.
 */

/** Words of a cell. */
export const STRIDE = 56

/** Changes of the byte. */
export const CHANGES = 0
/** Messages in which this byte was the only one to change. */
export const ALONE = 1
/** Changes upward, the short way round. */
export const UPS = 2
/** Last step, -128..127. */
export const DELTA = 3
/** Changes in the same direction up to now. */
export const RUN = 4
/** Longest such row. */
export const LONGEST = 5
/** Candidate of the majority vote on the step. */
export const STEP = 6
/** Lead of the candidate. */
export const VOTE = 7
/** Steps of the candidate's size since it became one. */
export const HITS = 8
/** Another change that came back: old value << 8 | new value. */
export const WRAP_PAIR = 9
/** How often it came. */
export const WRAPS = 10
/** The float as it was last (f32); NaN when implausible. */
export const FLOAT_LAST = 11
/** Toggles not yet in TOGGLES, four byte lanes in each of two words. */
export const PENDING = 12
/** Toggles of each bit, eight words, bit 0 first. */
export const TOGGLES = 14
/** Values that occurred, 256 bits. */
export const VALUES = 22
/** Sum of the sizes of all steps (f64). */
export const STEP_SUM = 30
/** Little-endian 16-bit value: smallest and largest below 0x8000, then from 0x8000: both signed and unsigned range. */
export const LITTLE_RANGE = 32
/** The same for the big-endian value. */
export const BIG_RANGE = 36
/** Little-endian: carries, tight carries, and moves of the high byte by one while the low byte did not go round. */
export const LITTLE_CARRIES = 40
/** The same for the big-endian value. */
export const BIG_CARRIES = 43
/** Changes of the 16-bit value. */
export const PAIR_STEPS = 46
/** Values of the float. */
export const FLOATS = 47
/** Sum of the sizes of the little-endian value's steps (f64). */
export const LITTLE_SUM = 48
/** The same for the big-endian value (f64). */
export const BIG_SUM = 50
/** Implausible values of the float; negative once the place was given up. */
export const IMPLAUSIBLE = 52
/** Smooth steps of the float. */
export const SMOOTH = 53
/** Smallest plausible float (f32). */
export const FLOAT_MIN = 54
/** Largest plausible float (f32). */
export const FLOAT_MAX = 55

/** A carry is tight when the 16-bit value as a whole moved by no more than this. */
export const TIGHT_STEP = 32
