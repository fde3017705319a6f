//! Arithmetic modulo p = 2^(64·N) − C, the form of the primes under every curve the national profile uses.
//!
//! 2^(64·N) is congruent to C, so a product is reduced by folding its upper half, multiplied by C, into the lower one. Values are
//! kept below 2^(64·N), not below p: two representations of one element may differ, and only [`Field::canonical`] tells.
//! Nothing here is constant-time: verification works on public values.

#![expect(clippy::inline_always, reason = "only within one function do the carries stay in registers")]

/// An element of GF(p), p = 2^(64·N) − C.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<const N: usize, const C: u64>([u64; N]);

/// Twice as many limbs as the largest field has.
type Wide = [u64; 16];

const fn split(value: u128) -> (u64, u64) {
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of the value")]
    (value as u64, (value >> 64) as u64)
}

/// `accumulator + a · b + carry`: the sum fits in 128 bits.
#[inline(always)]
const fn multiply_add(accumulator: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    split(accumulator as u128 + (a as u128) * (b as u128) + carry as u128)
}

/// `a + b + carry`, limb by limb; the carry out.
#[inline(always)]
fn add_onto(a: &mut [u64], b: &[u64], mut carry: bool) -> bool {
    for (a, b) in a.iter_mut().zip(b) {
        (*a, carry) = a.carrying_add(*b, carry);
    }
    carry
}

/// `factor · limbs`. The halves of the products are added in one chain of carries, which processors like better than a chain
/// through every product.
#[inline(always)]
fn multiple<const L: usize>(limbs: &[u64; L], factor: u64) -> ([u64; L], u64) {
    let (mut low, mut high) = ([0; L], [0; L]);
    for index in 0..L {
        (low[index], high[index]) = split(u128::from(limbs[index]) * u128::from(factor));
    }
    let carry = add_onto(&mut low[1..], &high[..L - 1], false);
    (low, high[L - 1] + u64::from(carry))
}

#[inline(always)]
fn product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 8] {
    let mut product = [0; 8];
    for index in 0..4 {
        let (row, top) = multiple(b, a[index]);
        let carry = add_onto(&mut product[index..index + 4], &row, false);
        product[index + 4] = top + u64::from(carry);
    }
    product
}

/// |a − b|, and whether a is less than b.
#[inline(always)]
fn distance(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let mut distance = [0; 4];
    let mut less = false;
    for index in 0..4 {
        (distance[index], less) = a[index].borrowing_sub(b[index], less);
    }
    let sign = if less { u64::MAX } else { 0 };
    let mut carry = less;
    for limb in &mut distance {
        (*limb, carry) = (*limb ^ sign).carrying_add(0, carry);
    }
    (distance, less)
}

/// The product of (a0 + 2²⁵⁶·a1) and (b0 + 2²⁵⁶·b1) by three products instead of four (Karatsuba): what stands in the middle is
/// a0·b1 + a1·b0 = a0·b0 + a1·b1 − (a0 − a1)·(b0 − b1).
#[inline(always)]
fn karatsuba([a0, a1]: [&[u64; 4]; 2], [b0, b1]: [&[u64; 4]; 2]) -> Wide {
    let ((a, a_less), (b, b_less)) = (distance(a0, a1), distance(b0, b1));
    let (low, high, across) = (product(a0, b0), product(a1, b1), product(&a, &b));
    let mut middle = low;
    let mut top = u64::from(add_onto(&mut middle, &high, false));
    // Where `across` is subtracted its complement is added, and 1.
    let subtracted = a_less == b_less;
    let sign = if subtracted { u64::MAX } else { 0 };
    let carry = add_onto(&mut middle, &across.map(|limb| limb ^ sign), subtracted);
    top = top.wrapping_add(sign).wrapping_add(u64::from(carry));
    let mut wide = [0; 16];
    wide[..8].copy_from_slice(&low);
    wide[8..].copy_from_slice(&high);
    let carry = add_onto(&mut wide[4..12], &middle, false);
    add_onto(&mut wide[12..], &[top, 0, 0, 0], carry);
    wide
}

impl<const N: usize, const C: u64> Field<N, C> {
    pub(super) const ZERO: Self = Self([0; N]);

    pub(super) const ONE: Self = {
        let mut limbs = [0; N];
        limbs[0] = 1;
        Self(limbs)
    };

    /// p, least significant limb first.
    pub(super) const MODULUS: [u64; N] = {
        let mut limbs = [u64::MAX; N];
        limbs[0] = u64::MAX - (C - 1);
        limbs
    };

    /// The element of these limbs, least significant first; `None` from p upwards.
    pub(super) fn new(limbs: [u64; N]) -> Option<Self> {
        let below = limbs[1..].iter().any(|limb| *limb != u64::MAX) || limbs[0] < Self::MODULUS[0];
        below.then_some(Self(limbs))
    }

    /// The element of these limbs; meant for constants that are known to be below p.
    pub(super) const fn constant(limbs: [u64; N]) -> Self {
        Self(limbs)
    }

    /// The one representation below p.
    pub(super) fn canonical(&self) -> [u64; N] {
        match Self::new(self.0) {
            Some(Self(limbs)) => limbs,
            None => {
                // Between p and 2^(64·N): what exceeds p fits in the lowest limb.
                let mut limbs = [0; N];
                limbs[0] = self.0[0] - Self::MODULUS[0];
                limbs
            }
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0 == [0; N] || self.0 == Self::MODULUS
    }

    #[inline(always)]
    pub(super) fn add(&self, other: &Self) -> Self {
        let mut sum = self.0;
        let carry = add_onto(&mut sum, &other.0, false);
        Self(Self::fold(sum, u64::from(carry)))
    }

    #[inline(always)]
    pub(super) fn sub(&self, other: &Self) -> Self {
        let mut difference = [0; N];
        let mut borrow = false;
        for (index, limb) in difference.iter_mut().enumerate() {
            (*limb, borrow) = self.0[index].borrowing_sub(other.0[index], borrow);
        }
        // A borrow stands for 2^(64·N), which is C.
        let (difference, again) = Self::take(difference, u64::from(borrow) * C);
        Self(if again { Self::take(difference, C).0 } else { difference })
    }

    #[inline(always)]
    pub(super) fn double(&self) -> Self {
        self.add(self)
    }

    /// This element `factor` times, for a small factor.
    #[inline(always)]
    pub(super) fn times(&self, factor: u64) -> Self {
        let (product, over) = multiple(&self.0, factor);
        Self(Self::fold(product, over))
    }

    /// The element whose double this is.
    pub(super) fn halve(&self) -> Self {
        let mut half = self.0;
        let odd = half[0] & 1 == 1;
        let carry = odd && add_onto(&mut half, &Self::MODULUS, false);
        for index in 1..N {
            half[index - 1] = half[index - 1] >> 1 | half[index] << 63;
        }
        half[N - 1] = half[N - 1] >> 1 | u64::from(carry) << 63;
        Self(half)
    }

    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline(always)]
    pub(super) fn mul(&self, other: &Self) -> Self {
        const { assert!(N == 4 || N == 8, "limbs of a field") };
        let mut wide: Wide = [0; 16];
        match (self.0.as_chunks().0, other.0.as_chunks().0) {
            ([a0, a1], [b0, b1]) => wide = karatsuba([a0, a1], [b0, b1]),
            (a, b) => wide[..8].copy_from_slice(&product(&a[0], &b[0])),
        }
        Self::reduce(&wide)
    }

    #[inline(always)]
    pub(super) fn square(&self) -> Self {
        let mut wide: Wide = [0; 16];
        // Each product of two different limbs once …
        for i in 0..N {
            let mut carry = 0;
            for j in i + 1..N {
                (wide[i + j], carry) = multiply_add(wide[i + j], self.0[i], self.0[j], carry);
            }
            wide[i + N] = carry;
        }
        // … then twice, and the squares.
        let mut squares: Wide = [0; 16];
        for i in 0..N {
            (squares[2 * i], squares[2 * i + 1]) = split(u128::from(self.0[i]) * u128::from(self.0[i]));
        }
        add_onto(&mut squares, &wide, false);
        add_onto(&mut squares, &wide, false);
        Self::reduce(&squares)
    }

    #[inline(always)]
    fn reduce(wide: &Wide) -> Self {
        let mut upper = [0; N];
        upper.copy_from_slice(&wide[N..2 * N]);
        let (mut folded, over) = multiple(&upper, C);
        let carry = add_onto(&mut folded, &wide[..N], false);
        Self(Self::fold(folded, over + u64::from(carry)))
    }

    /// Folds what exceeds 2^(64·N) back; `over` is small.
    #[inline(always)]
    fn fold(limbs: [u64; N], over: u64) -> [u64; N] {
        let (sum, again) = Self::put(limbs, over * C);
        // Only sums within C of 2^(64·N) carry once more, and then not a third time.
        if again { Self::put(sum, C).0 } else { sum }
    }

    #[inline(always)]
    fn put(mut limbs: [u64; N], small: u64) -> ([u64; N], bool) {
        let mut carry;
        (limbs[0], carry) = limbs[0].overflowing_add(small);
        for limb in &mut limbs[1..] {
            (*limb, carry) = limb.overflowing_add(u64::from(carry));
        }
        (limbs, carry)
    }

    #[inline(always)]
    fn take(mut limbs: [u64; N], small: u64) -> ([u64; N], bool) {
        let mut borrow;
        (limbs[0], borrow) = limbs[0].overflowing_sub(small);
        for limb in &mut limbs[1..] {
            (*limb, borrow) = limb.overflowing_sub(u64::from(borrow));
        }
        (limbs, borrow)
    }

    /// The inverse, by Fermat's little theorem: the power p − 2. Zero has none and yields zero.
    pub(super) fn invert(&self) -> Self {
        // p − 2 in windows of four bits, most significant first.
        let mut exponent = Self::MODULUS;
        exponent[0] -= 2;
        let mut powers = [Self::ONE; 16];
        for index in 1..16 {
            powers[index] = powers[index - 1].mul(self);
        }
        let mut result = Self::ONE;
        for limb in exponent.iter().rev() {
            for shift in (0..16).rev() {
                for _ in 0..4 {
                    result = result.square();
                }
                result = result.mul(&powers[(limb >> (4 * shift) & 15) as usize]);
            }
        }
        result
    }
}

impl<const N: usize, const C: u64> PartialEq for Field<N, C> {
    fn eq(&self, other: &Self) -> bool {
        self.sub(other).is_zero()
    }
}

/// Against the generic arithmetic of `crypto_bigint`, with limbs on which carries run far.
#[cfg(test)]
mod tests {
    use crypto_bigint::{NonZero, Uint};
    use proptest::prelude::*;

    use super::*;

    fn limb() -> impl Strategy<Value = u64> {
        prop_oneof![
            any::<u64>(),
            prop::sample::select(vec![0, 1, 2, 1 << 63, u64::MAX, u64::MAX - 1]),
            u64::MAX - 700..=u64::MAX,
            0_u64..700,
        ]
    }

    fn limbs<const N: usize>() -> impl Strategy<Value = [u64; N]> {
        prop_oneof![
            4 => prop::array::uniform(limb()),
            // Around p and 2^(64·N).
            1 => limb().prop_map(|low| { let mut limbs = [u64::MAX; N]; limbs[0] = low; limbs }),
            1 => limb().prop_map(|low| { let mut limbs = [0; N]; limbs[0] = low; limbs }),
        ]
    }

    fn agrees<const N: usize, const C: u64>(one: [u64; N], other: [u64; N], factor: u64) {
        let p = NonZero::new(Uint::from_words(Field::<N, C>::MODULUS)).unwrap();
        let reduced = |limbs| Uint::from_words(limbs).rem_vartime(&p);
        let (x, y) = (reduced(one), reduced(other));
        let (own_x, own_y) = (Field::<N, C>::constant(one), Field::constant(other));
        let same = |own: Field<N, C>, theirs: Uint<N>| assert_eq!(own.canonical(), theirs.to_words());
        same(own_x, x);
        same(own_x.mul(&own_y), x.mul_mod_vartime(&y, &p));
        same(own_x.square(), x.mul_mod_vartime(&x, &p));
        same(own_x.add(&own_y), x.add_mod(&y, &p));
        same(own_x.double(), x.add_mod(&x, &p));
        same(own_x.sub(&own_y), x.sub_mod(&y, &p));
        same(own_x.neg(), Uint::ZERO.sub_mod(&x, &p));
        let mut small = [0; N];
        small[0] = factor;
        same(own_x.times(factor), x.mul_mod_vartime(&Uint::from_words(small), &p));
        same(own_x.halve().double(), x);
        assert_eq!(own_x == own_y, x == y);
        assert_eq!(own_x.is_zero(), bool::from(x.is_zero()));
        assert_eq!(Field::<N, C>::new(one).is_some(), Uint::from_words(one) < *p);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn arithmetic_with_512_bits_is_that_of_the_integers(a in limbs(), b in limbs(), factor in 0..16_u64) {
            agrees::<8, 569>(a, b, factor);
        }

        #[test]
        fn arithmetic_with_256_bits_is_that_of_the_integers(a in limbs(), b in limbs(), factor in 0..16_u64) {
            agrees::<4, 617>(a, b, factor);
        }

        #[test]
        fn an_inverse_times_its_element_is_one(a in limbs()) {
            let own = Field::<8, 569>::constant(a);
            prop_assert_eq!(own.invert().mul(&own), if own.is_zero() { Field::ZERO } else { Field::ONE });
        }
    }

    #[test]
    fn the_edges_of_the_field_agree_with_each_other() {
        let p = Field::<8, 569>::MODULUS;
        let beside = |limb| [limb, p[1], p[2], p[3], p[4], p[5], p[6], p[7]];
        let small = |limb| [limb, 0, 0, 0, 0, 0, 0, 0];
        let edges = [small(0), small(1), small(569), beside(p[0] - 569), beside(p[0] - 1), p, beside(u64::MAX)];
        for a in edges {
            for b in edges {
                agrees::<8, 569>(a, b, 8);
            }
        }
    }
}
