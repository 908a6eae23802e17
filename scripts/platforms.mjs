// Looks at other systems from Linux: that the code compiles for macOS and FreeBSD, and that the suite
// passes on an emulated 64-bit ARM. Ends with one line that sums it all. It takes long.
//
// Arguments choose part of it: `check`, `rust`, `typescript`, and names of test programs and specs.
import { ava, cargo, one, Total } from './count.mjs'
import { Cross } from './cross.mjs'
import { arm } from './platforms/arm.mjs'
