/**
 * What bounds a policy and its files, with each number's reason.
 * Floor 4.
 */

/**
 * A policy that is larger in any of these is refused as a whole, so that a mistake (a device, a log in the wrong folder) costs
 * neither memory nor time: bytes of one file, rules of all files together, characters of one line.
 */
export const policyFileBytesMax: number = 1024 * 1024
export const policyRulesMax: number = 10_000
export const policyLineLengthMax: number = 4096

/** Faults after which the rest of a policy is not read: what is no policy at all has one in each line. */
export const policyFaultsMax: number = 1_000

/** Faults of a policy that the daemon keeps and tells; beyond them it says that there are more. */
export const policyFaultsKeptMax: number = 100

/**
 * With more rules a guest is not told to be `denied`: each status looks through them for each guest. So many, for 1,000
 * guests, take some 0.1 s.
 */
export const policyRulesJudgedMax: number = 1_000
