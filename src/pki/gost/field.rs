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
    pub(super) fn canonical(self) -> [u64; N] {
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

    pub(super) fn is_zero(self) -> bool {
        self.0 == [0; N] || self.0 == Self::MODULUS
    }

    #[inline]
    pub(super) fn add(self, other: Self) -> Self {
        let mut sum = [0; N];
        let mut carry = false;
        for (index, limb) in sum.iter_mut().enumerate() {
            (*limb, carry) = self.0[index].carrying_add(other.0[index], carry);
        }
        Self(Self::fold(sum, u64::from(carry)))
    }

    #[inline]
    pub(super) fn sub(self, other: Self) -> Self {
        let mut difference = [0; N];
        let mut borrow = false;
        for (index, limb) in difference.iter_mut().enumerate() {
            (*limb, borrow) = self.0[index].borrowing_sub(other.0[index], borrow);
        }
        // A borrow stands for 2^(64·N), which is C.
        while borrow {
            (difference, borrow) = Self::take(difference, C);
        }
        Self(difference)
    }

    #[inline]
    pub(super) fn double(self) -> Self {
        self.add(self)
    }

    pub(super) fn neg(self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline]
    pub(super) fn mul(self, other: Self) -> Self {
        let mut wide: Wide = [0; 16];
        for i in 0..N {
            let mut carry = 0;
            for j in 0..N {
                (wide[i + j], carry) = multiply_add(wide[i + j], self.0[i], other.0[j], carry);
            }
            wide[i + N] = carry;
        }
        Self::reduce(&wide)
    }

    #[inline]
    pub(super) fn square(self) -> Self {
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
        let mut shifted = 0;
        let mut carry = false;
        for i in 0..N {
            let (low, high) = split(u128::from(self.0[i]) * u128::from(self.0[i]));
            let (even, odd) = (wide[2 * i], wide[2 * i + 1]);
            (wide[2 * i], carry) = (even << 1 | shifted).carrying_add(low, carry);
            (wide[2 * i + 1], carry) = (odd << 1 | even >> 63).carrying_add(high, carry);
            shifted = odd >> 63;
        }
        Self::reduce(&wide)
    }

    #[inline(always)]
    fn reduce(wide: &Wide) -> Self {
        let mut folded = [0; N];
        let mut carry = 0;
        for (index, limb) in folded.iter_mut().enumerate() {
            (*limb, carry) = multiply_add(wide[index], wide[index + N], C, carry);
        }
        Self(Self::fold(folded, carry))
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
    pub(super) fn invert(self) -> Self {
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
                result = result.mul(powers[(limb >> (4 * shift) & 15) as usize]);
            }
        }
        result
    }
}

impl<const N: usize, const C: u64> PartialEq for Field<N, C> {
    fn eq(&self, other: &Self) -> bool {
        self.sub(*other).is_zero()
    }
}
