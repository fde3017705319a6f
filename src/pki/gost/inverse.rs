//! Inverses modulo an odd prime, by division steps (Bernstein and Yang, Fast constant-time gcd computation and modular inversion), in
//! the variable-time form that is known from libsecp256k1: 62 steps at a time on the lowest 64 bits of the two numbers, whose effect on
//! the whole numbers is one matrix.

/// Bits of a limb here: two bits are left for signs and carries.
const BITS: u32 = 62;
const MASK: u64 = u64::MAX >> (u64::BITS - BITS);
/// Enough for 512 bits and a sign.
const LIMBS: usize = 9;

/// A number in two's complement: all limbs but the highest lie below 2⁶², the highest has the sign.
type Signed = [i64; LIMBS];

/// The inverse of `value` modulo the odd prime `modulus`, both least significant limb first and `value` below `modulus`. Zero has none
/// and yields zero. Takes a time that depends on its arguments.
pub(super) fn inverse<const N: usize>(value: &[u64; N], modulus: &[u64; N]) -> [u64; N] {
    let prime = split(modulus);
    let prime_inverse = inverse_of_limb(modulus[0]);
    let (mut f, mut g) = (prime, split(value));
    // At all times f is d and g is e times the value, modulo the prime.
    let (mut d, mut e) = ([0; LIMBS], [0; LIMBS]);
    e[0] = 1;
    let mut eta = -1;
    while g != [0; LIMBS] {
        let matrix = steps(&mut eta, lowest(&f), lowest(&g));
        apply_modulo(&matrix, &mut d, &mut e, &prime, prime_inverse);
        apply(&matrix, &mut f, &mut g);
    }
    // f is 1 or −1 now, and d lies between −2 and 1 times the prime.
    if d[LIMBS - 1] < 0 {
        d = combine([&d, &prime], [1, 1]);
    }
    if f[LIMBS - 1] < 0 {
        d = combine([&d], [-1]);
    }
    if d[LIMBS - 1] < 0 {
        d = combine([&d, &prime], [1, 1]);
    }
    join(&d)
}

/// What 62 division steps do, times 2⁶².
type Matrix = [[i64; 2]; 2];

/// 62 steps on numbers whose lowest bits are `f` and `g`. Runs of zeros are taken at once, and of a sum that makes zeros so many as
/// the rules allow.
fn steps(eta: &mut i64, mut f: u64, mut g: u64) -> Matrix {
    let (mut upper, mut lower) = ([1_u64, 0], [0_u64, 1]);
    let mut left = BITS;
    loop {
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        upper = upper.map(|entry| entry << zeros);
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            return [upper, lower].map(|row| row.map(u64::cast_signed));
        }
        let swapped = *eta < 0;
        if swapped {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (upper, lower) = (lower, upper.map(u64::wrapping_neg));
        }
        let most = u32::try_from(*eta + 1).map_or(left, |most| most.min(left));
        // The multiple of f that takes away up to six or four bits of g.
        let multiple = if swapped {
            f.wrapping_mul(g).wrapping_mul(f.wrapping_mul(f).wrapping_sub(2)) & 63
        } else {
            (f.wrapping_add((f.wrapping_add(1) & 4) << 1)).wrapping_neg().wrapping_mul(g) & 15
        };
        let multiple = multiple & u64::MAX >> (u64::BITS - most);
        g = g.wrapping_add(f.wrapping_mul(multiple));
        for (entry, above) in lower.iter_mut().zip(upper) {
            *entry = entry.wrapping_add(above.wrapping_mul(multiple));
        }
    }
}

/// (f, g) becomes the matrix times (f, g), divided by 2⁶², which it is a multiple of.
fn apply(matrix: &Matrix, f: &mut Signed, g: &mut Signed) {
    let before = [&*f, &*g];
    let [upper, lower] = matrix.map(|row| combine_shifted(before, row));
    (*f, *g) = (upper, lower);
}

/// The same for (d, e) modulo the prime: so many primes are added that the division is exact and the numbers stay between −2 and 1
/// times the prime.
fn apply_modulo(matrix: &Matrix, d: &mut Signed, e: &mut Signed, prime: &Signed, prime_inverse: u64) {
    let before = [&*d, &*e];
    let [upper, lower] = matrix.map(|row| {
        let (mut added, mut lowest) = (0, 0_i64);
        for (number, factor) in before.into_iter().zip(row) {
            added += factor & number[LIMBS - 1] >> 63;
            lowest = lowest.wrapping_add(factor.wrapping_mul(number[0]));
        }
        let excess = lowest.cast_unsigned().wrapping_mul(prime_inverse).wrapping_add(added.cast_unsigned()) & MASK;
        combine_shifted([before[0], before[1], prime], [row[0], row[1], added - excess.cast_signed()])
    });
    (*d, *e) = (upper, lower);
}

/// The sum of `numbers`, each times its factor.
fn combine<const T: usize>(numbers: [&Signed; T], factors: [i64; T]) -> Signed {
    let mut sum = [0; LIMBS];
    let mut carry = 0_i128;
    for (index, limb) in sum.iter_mut().enumerate() {
        for (number, factor) in numbers.iter().zip(factors) {
            carry += i128::from(number[index]) * i128::from(factor);
        }
        *limb = if index < LIMBS - 1 { low(carry) } else { whole(carry) };
        carry >>= BITS;
    }
    sum
}

/// The same divided by 2⁶².
fn combine_shifted<const T: usize>(numbers: [&Signed; T], factors: [i64; T]) -> Signed {
    let mut sum = [0; LIMBS];
    let mut carry = 0_i128;
    for index in 0..LIMBS {
        for (number, factor) in numbers.iter().zip(factors) {
            carry += i128::from(number[index]) * i128::from(factor);
        }
        if index > 0 {
            sum[index - 1] = low(carry);
        }
        carry >>= BITS;
    }
    sum[LIMBS - 1] = whole(carry);
    sum
}

#[expect(clippy::cast_possible_truncation, reason = "the lowest bits are meant")]
fn low(value: i128) -> i64 {
    value as i64 & MASK.cast_signed()
}

#[expect(clippy::cast_possible_truncation, reason = "what is left of the sum fits")]
fn whole(value: i128) -> i64 {
    value as i64
}

/// The lowest 64 bits.
fn lowest(number: &Signed) -> u64 {
    number[0].cast_unsigned() | number[1].cast_unsigned() << BITS
}

fn split<const N: usize>(limbs: &[u64; N]) -> Signed {
    let mut number = [0; LIMBS];
    for (index, limb) in number.iter_mut().enumerate() {
        let at = index * BITS as usize;
        let bits = |at: usize| limbs.get(at / 64).map_or(0, |limb| limb >> (at % 64));
        let above = if at % 64 > 2 { limbs.get(at / 64 + 1).map_or(0, |limb| limb << (64 - at % 64)) } else { 0 };
        *limb = ((bits(at) | above) & MASK).cast_signed();
    }
    number
}

fn join<const N: usize>(number: &Signed) -> [u64; N] {
    let mut limbs = [0; N];
    for (index, limb) in number.iter().enumerate() {
        let (at, limb) = (index * BITS as usize, limb.cast_unsigned());
        if let Some(into) = limbs.get_mut(at / 64) {
            *into |= limb << (at % 64);
        }
        if let Some(into) = limbs.get_mut(at / 64 + 1).filter(|_| at % 64 > 2) {
            *into |= limb >> (64 - at % 64);
        }
    }
    limbs
}

/// The inverse of an odd number modulo 2⁶⁴, each round doubling the bits that are right, of which there are five to begin with.
fn inverse_of_limb(odd: u64) -> u64 {
    let first = odd.wrapping_mul(3) ^ 2;
    (0..4).fold(first, |inverse, _| inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse))))
}

/// Against the generic arithmetic of `crypto_bigint`.
#[cfg(test)]
mod tests {
    use crypto_bigint::{NonZero, Uint};
    use proptest::prelude::*;

    use super::*;

    fn check<const N: usize>(value: [u64; N], modulus: [u64; N]) {
        let p = NonZero::new(Uint::from_words(modulus)).unwrap();
        let value = Uint::from_words(value).rem_vartime(&p);
        let inverse = Uint::from_words(inverse(&value.to_words(), &modulus));
        assert!(inverse < *p);
        let expected = if bool::from(value.is_zero()) { Uint::ZERO } else { Uint::ONE };
        assert_eq!(inverse.mul_mod_vartime(&value, &p), expected);
    }

    /// The primes in use are near powers of two from below and from above; others are as good.
    const ORDER: [u64; 8] = [
        0xcacd_b141_1f10_b275,
        0x9b4b_38ab_fad2_b85d,
        0x6ff2_2b8d_4e05_6060,
        0x27e6_9532_f48d_8911,
        u64::MAX,
        u64::MAX,
        u64::MAX,
        u64::MAX,
    ];
    const SHORT: [u64; 4] = [0xc115_af55_6c36_0c67, 0x0fd8_cddf_c87b_6635, 0, 0x4000_0000_0000_0000];
    const CURVE_25519: [u64; 4] = [0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, u64::MAX >> 1];
    const SMALL: [u64; 4] = [65_537, 0, 0, 0];

    fn limb() -> impl Strategy<Value = u64> {
        prop_oneof![any::<u64>(), prop::sample::select(vec![0, 1, 2, u64::MAX, u64::MAX - 1, 1 << 62, 1 << 63])]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn an_inverse_times_its_number_is_one(long in prop::array::uniform8(limb()), short in prop::array::uniform4(limb())) {
            check(long, ORDER);
            for modulus in [SHORT, CURVE_25519, SMALL] {
                check(short, modulus);
            }
        }
    }

    #[test]
    fn the_smallest_and_the_largest_numbers_have_theirs_and_zero_has_none() {
        for low in 0..200 {
            check([low, 0, 0, 0], SHORT);
            check([SHORT[0] - low, SHORT[1], SHORT[2], SHORT[3]], SHORT);
            check([low, 0, 0, 0], SMALL);
        }
        assert_eq!(inverse(&[0; 8], &ORDER), [0; 8]);
    }
}
