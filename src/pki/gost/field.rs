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

/// `a + b + carry`, limb by limb; the carry out.
#[inline(always)]
fn add_onto(a: &mut [u64], b: &[u64], mut carry: bool) -> bool {
    for (a, b) in a.iter_mut().zip(b) {
        (*a, carry) = a.carrying_add(*b, carry);
    }
    carry
}

/// `a − b`, limb by limb; the borrow out.
#[inline(always)]
fn take_from(a: &mut [u64], b: &[u64]) -> bool {
    let mut borrow = false;
    for (a, b) in a.iter_mut().zip(b) {
        (*a, borrow) = a.borrowing_sub(*b, borrow);
    }
    borrow
}

/// Adds `factor · limbs` onto as many limbs; what is carried out of them. The halves of the products are added in one chain of
/// carries, which processors like better than a chain through every product.
#[inline(always)]
fn add_multiple<const L: usize>(accumulator: &mut [u64], limbs: &[u64; L], factor: u64) -> u64 {
    let (mut low, mut high) = ([0; L], [0; L]);
    for index in 0..L {
        (low[index], high[index]) = split(u128::from(limbs[index]) * u128::from(factor));
    }
    let carry = add_onto(&mut low[1..], &high[..L - 1], false);
    let over = high[L - 1] + u64::from(carry);
    over + u64::from(add_onto(accumulator, &low, false))
}

#[inline(always)]
fn product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 8] {
    let mut product = [0; 8];
    for index in 0..4 {
        product[index + 4] = add_multiple(&mut product[index..index + 4], b, a[index]);
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

    /// p − 3.
    pub(super) const MINUS_THREE: Self = {
        let mut limbs = Self::MODULUS;
        limbs[0] -= 3;
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
        // The lowest limb nearly always tells.
        match self.0[0] {
            0 => self.0 == [0; N],
            low if low == Self::MODULUS[0] => self.0 == Self::MODULUS,
            _ => false,
        }
    }

    /// The sum of `plus` less that of `minus`, a few of them, brought below 2^(64·N) once.
    #[inline(always)]
    pub(super) fn sum<const P: usize, const M: usize>(plus: [&Self; P], minus: [&Self; M]) -> Self {
        let mut sum = plus[0].0;
        let mut over = 0;
        for term in &plus[1..] {
            over += i64::from(add_onto(&mut sum, &term.0, false));
        }
        for term in minus {
            over -= i64::from(take_from(&mut sum, &term.0));
        }
        Self(Self::fold(sum, over))
    }

    #[inline(always)]
    pub(super) fn add(&self, other: &Self) -> Self {
        Self::sum([self, other], [])
    }

    #[inline(always)]
    pub(super) fn sub(&self, other: &Self) -> Self {
        Self::sum([self], [other])
    }

    /// Makes it the element whose double it was.
    pub(super) fn halve(&mut self) {
        let half = &mut self.0;
        let odd = half[0] & 1 == 1;
        let carry = odd && add_onto(half, &Self::MODULUS, false);
        for index in 1..N {
            half[index - 1] = half[index - 1] >> 1 | half[index] << 63;
        }
        half[N - 1] = half[N - 1] >> 1 | u64::from(carry) << 63;
    }

    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    // Multiplication and squaring are functions of their own, so that formulas made of them stay within the processor's caches of
    // instructions; and what is written in place need not be copied right after it was written, which stalls.

    #[inline(never)]
    pub(super) fn mul(&self, other: &Self) -> Self {
        self.times(other)
    }

    #[inline(never)]
    pub(super) fn mul_assign(&mut self, other: &Self) {
        *self = self.times(other);
    }

    #[inline(always)]
    fn times(&self, other: &Self) -> Self {
        const { assert!(N == 4 || N == 8, "limbs of a field") };
        let mut wide: Wide = [0; 16];
        match (self.0.as_chunks().0, other.0.as_chunks().0) {
            ([a0, a1], [b0, b1]) => wide = karatsuba([a0, a1], [b0, b1]),
            (a, b) => wide[..8].copy_from_slice(&product(&a[0], &b[0])),
        }
        Self::reduce(&wide)
    }

    #[inline(never)]
    pub(super) fn square(&self) -> Self {
        let mut wide: Wide = [0; 16];
        // Each product of two different limbs once …
        macro_rules! rows {
            ($($length:literal)+) => { $(
                if let Some(rest) = self.0.last_chunk::<$length>().filter(|_| $length < N) {
                    let index = N - 1 - $length;
                    wide[index + N] = add_multiple(&mut wide[2 * index + 1..index + N], rest, self.0[index]);
                }
            )+ };
        }
        rows!(7 6 5 4 3 2 1);
        // … then twice, by additions, since some processors are slow to shift across limbs; and the squares.
        let mut squares: Wide = [0; 16];
        for (index, limb) in self.0.iter().enumerate() {
            (squares[2 * index], squares[2 * index + 1]) = split(u128::from(*limb) * u128::from(*limb));
        }
        add_onto(&mut squares, &wide, false);
        add_onto(&mut squares, &wide, false);
        Self::reduce(&squares)
    }

    #[inline(always)]
    fn reduce(wide: &Wide) -> Self {
        let (mut low, mut upper) = ([0; N], [0; N]);
        low.copy_from_slice(&wide[..N]);
        upper.copy_from_slice(&wide[N..2 * N]);
        let over = add_multiple(&mut low, &upper, C);
        Self(Self::fold(low, over.cast_signed()))
    }

    /// `limbs` and `over` times 2^(64·N), which is C; `over` is small.
    #[inline(always)]
    fn fold(mut limbs: [u64; N], over: i64) -> [u64; N] {
        let small = over * C.cast_signed();
        let mut carry;
        (limbs[0], carry) = limbs[0].overflowing_add(small.cast_unsigned());
        // Hardly ever does this run beyond the lowest limb …
        if carry != (small < 0) {
            let sign = (small >> 63).cast_unsigned();
            for limb in &mut limbs[1..] {
                (*limb, carry) = limb.carrying_add(sign, carry);
            }
            // … or out of the highest, and then it does not happen again.
            limbs[0] = match (small < 0, carry) {
                (false, true) => limbs[0] + C,
                (true, false) => limbs[0] - C,
                _ => limbs[0],
            };
        }
        limbs
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

    fn agrees<const N: usize, const C: u64>(one: [u64; N], other: [u64; N]) {
        let p = NonZero::new(Uint::from_words(Field::<N, C>::MODULUS)).unwrap();
        let reduced = |limbs| Uint::from_words(limbs).rem_vartime(&p);
        let (x, y) = (reduced(one), reduced(other));
        let (own_x, own_y) = (Field::<N, C>::constant(one), Field::constant(other));
        let same = |own: Field<N, C>, theirs: Uint<N>| assert_eq!(own.canonical(), theirs.to_words());
        same(own_x, x);
        same(own_x.mul(&own_y), x.mul_mod_vartime(&y, &p));
        same(own_x.square(), x.mul_mod_vartime(&x, &p));
        same(own_x.add(&own_y), x.add_mod(&y, &p));
        let mut product = own_x;
        product.mul_assign(&own_y);
        same(product, x.mul_mod_vartime(&y, &p));
        same(own_x.sub(&own_y), x.sub_mod(&y, &p));
        same(own_x.neg(), Uint::ZERO.sub_mod(&x, &p));
        let twice = |value: Uint<N>| value.add_mod(&value, &p);
        same(Field::sum([&own_x, &own_x, &own_x, &own_y], []), twice(x).add_mod(&x, &p).add_mod(&y, &p));
        same(Field::sum([&own_x; 4], []), twice(twice(x)));
        same(Field::sum([&own_x], [&own_y, &own_y, &own_y]), x.sub_mod(&twice(y), &p).sub_mod(&y, &p));
        same(Field::sum([&own_x, &own_x], [&own_y]), twice(x).sub_mod(&y, &p));
        let mut half = own_x;
        half.halve();
        same(half.add(&half), x);
        assert_eq!(own_x == own_y, x == y);
        assert_eq!(own_x.is_zero(), bool::from(x.is_zero()));
        assert_eq!(Field::<N, C>::new(one).is_some(), Uint::from_words(one) < *p);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn arithmetic_with_512_bits_is_that_of_the_integers(a in limbs(), b in limbs()) {
            agrees::<8, 569>(a, b);
        }

        #[test]
        fn arithmetic_with_256_bits_is_that_of_the_integers(a in limbs(), b in limbs()) {
            agrees::<4, 617>(a, b);
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
                agrees::<8, 569>(a, b);
            }
        }
    }
}
