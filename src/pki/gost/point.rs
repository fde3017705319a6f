//! Points of a short Weierstrass curve y² = x³ + ax + b, and the multiplications that a verification needs.
//!
//! Jacobian coordinates: (X, Y, Z) stands for (X/Z², Y/Z³), Z = 0 for the point at infinity. Formulas: "madd" and "add" of the
//! Explicit-Formulas Database, repeated doubling of the Guide to Elliptic Curve Cryptography (algorithm 3.23). Variable-time throughout.

use super::field::Field;

/// A finite point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine<const N: usize, const C: u64> {
    pub(super) x: Field<N, C>,
    pub(super) y: Field<N, C>,
}

impl<const N: usize, const C: u64> Affine<N, C> {
    fn neg(&self) -> Self {
        Self { x: self.x, y: self.y.neg() }
    }
}

/// The coefficient a.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coefficient<const N: usize, const C: u64> {
    /// p − 3, which is cheap to multiply by.
    MinusThree,
    /// Any other.
    Other(Field<N, C>),
}

impl<const N: usize, const C: u64> Coefficient<N, C> {
    /// a times `value`.
    pub(super) fn mul(&self, value: &Field<N, C>) -> Field<N, C> {
        match self {
            Self::MinusThree => value.times(3).neg(),
            Self::Other(a) => a.mul(value),
        }
    }
}

/// A point, finite or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jacobian<const N: usize, const C: u64> {
    x: Field<N, C>,
    y: Field<N, C>,
    z: Field<N, C>,
}

impl<const N: usize, const C: u64> From<Affine<N, C>> for Jacobian<N, C> {
    fn from(point: Affine<N, C>) -> Self {
        Self { x: point.x, y: point.y, z: Field::ONE }
    }
}

impl<const N: usize, const C: u64> Jacobian<N, C> {
    pub(super) const INFINITY: Self = Self { x: Field::ONE, y: Field::ONE, z: Field::ZERO };

    pub(super) fn is_infinity(&self) -> bool {
        self.z.is_zero()
    }

    /// Whether this is a finite point whose x is `x`: without an inversion.
    pub(super) fn has_x(&self, x: Field<N, C>) -> bool {
        !self.is_infinity() && x.mul(&self.z.square()) == self.x
    }

    /// This point doubled `count` times: "repeated doubling", in which Y is doubled and the weight a·Z⁴ is carried along.
    fn double(&self, count: usize, a: &Coefficient<N, C>) -> Self {
        let (mut x, mut y, mut z) = (self.x, self.y.double(), self.z);
        let mut weight = a.mul(&z.square().square());
        for left in (0..count).rev() {
            let slope = x.square().times(3).add(&weight);
            let yy = y.square();
            let yyyy = yy.square();
            let base = x.mul(&yy);
            x = slope.square().sub(&base.double());
            z = z.mul(&y);
            y = slope.mul(&base.sub(&x)).double().sub(&yyyy);
            if left > 0 {
                weight = weight.mul(&yyyy);
            }
        }
        Self { x, y: y.halve(), z }
    }

    #[inline]
    pub(super) fn add_affine(&self, other: &Affine<N, C>, a: &Coefficient<N, C>) -> Self {
        if self.is_infinity() {
            return Self::from(*other);
        }
        let zz = self.z.square();
        let height = other.x.mul(&zz).sub(&self.x);
        let rise = other.y.mul(&zz).mul(&self.z).sub(&self.y);
        self.chord(&self.x, &self.y, &height, &rise, self.z.mul(&height), a)
    }

    fn add(&self, other: &Addend<N, C>, a: &Coefficient<N, C>) -> Self {
        if self.is_infinity() {
            return other.point;
        }
        if other.point.is_infinity() {
            return *self;
        }
        let zz = self.z.square();
        let (x, y) = (self.x.mul(&other.zz), self.y.mul(&other.zzz));
        let height = other.point.x.mul(&zz).sub(&x);
        let rise = other.point.y.mul(&zz).mul(&self.z).sub(&y);
        self.chord(&x, &y, &height, &rise, self.z.mul(&other.point.z).mul(&height), a)
    }

    /// The third point on the chord through this point, scaled to (`x`, `y`), and another one.
    #[inline]
    fn chord(
        &self,
        x: &Field<N, C>,
        y: &Field<N, C>,
        height: &Field<N, C>,
        rise: &Field<N, C>,
        z: Field<N, C>,
        a: &Coefficient<N, C>,
    ) -> Self {
        if height.is_zero() {
            return if rise.is_zero() { self.double(1, a) } else { Self::INFINITY };
        }
        let square = height.square();
        let cube = square.mul(height);
        let base = x.mul(&square);
        let sum_x = rise.square().sub(&cube).sub(&base.double());
        let sum_y = rise.mul(&base.sub(&sum_x)).sub(&y.mul(&cube));
        Self { x: sum_x, y: sum_y, z }
    }

    /// `scalar` times `point`, by digits of five bits (wNAF).
    pub(super) fn multiply(scalar: &[u64; N], point: Affine<N, C>, a: &Coefficient<N, C>) -> Self {
        // The odd multiples 1, 3, … 15.
        let twice = Self::from(point).double(1, a);
        let mut odd = [Addend::from(Self::from(point)); 8];
        for index in 1..odd.len() {
            odd[index] = twice.add(&odd[index - 1], a).into();
        }
        let mut product = Self::INFINITY;
        let mut doublings = 0;
        for digit in signed_digits(scalar).iter().rev() {
            doublings += 1;
            if *digit != 0 {
                let multiple = &odd[usize::from(digit.unsigned_abs() / 2)];
                product = product.double(doublings, a);
                product = if *digit > 0 { product.add(multiple, a) } else { product.add(&multiple.neg(), a) };
                doublings = 0;
            }
        }
        product.double(doublings, a)
    }

    /// The same point with Z = 1; it must be finite.
    pub(super) fn to_affine(self) -> Affine<N, C> {
        let z = self.z.invert();
        let zz = z.square();
        Affine { x: self.x.mul(&zz), y: self.y.mul(&zz).mul(&z) }
    }

    /// The same points with Z = 1, by one inversion. None of them may be at infinity.
    fn normalize(points: &[Self]) -> Vec<Affine<N, C>> {
        let mut products = Vec::with_capacity(points.len());
        let mut product = Field::ONE;
        for point in points {
            products.push(product);
            product = product.mul(&point.z);
        }
        let mut inverse = product.invert();
        let mut normalized: Vec<_> = points
            .iter()
            .zip(products)
            .rev()
            .map(|(point, before)| {
                let z = inverse.mul(&before);
                inverse = inverse.mul(&point.z);
                let zz = z.square();
                Affine { x: point.x.mul(&zz), y: point.y.mul(&zz).mul(&z) }
            })
            .collect();
        normalized.reverse();
        normalized
    }
}

/// A point that is added many times, with the powers of its Z.
#[derive(Clone, Copy)]
struct Addend<const N: usize, const C: u64> {
    point: Jacobian<N, C>,
    zz: Field<N, C>,
    zzz: Field<N, C>,
}

impl<const N: usize, const C: u64> From<Jacobian<N, C>> for Addend<N, C> {
    fn from(point: Jacobian<N, C>) -> Self {
        let zz = point.z.square();
        Self { point, zz, zzz: zz.mul(&point.z) }
    }
}

impl<const N: usize, const C: u64> Addend<N, C> {
    fn neg(&self) -> Self {
        Self { point: Jacobian { y: self.point.y.neg(), ..self.point }, ..*self }
    }
}

/// Digits of `scalar`, least significant first: zero, or odd and below 16 in magnitude; of five in a row at most one is not zero.
fn signed_digits<const N: usize>(scalar: &[u64; N]) -> Vec<i8> {
    const WIDTH: usize = 5;
    let bits = 64 * N;
    let bit = |at: usize| if at < bits { (scalar[at / 64] >> (at % 64)) & 1 } else { 0 };
    let mut digits = vec![0; bits + 1];
    let (mut at, mut carry) = (0, 0);
    while at <= bits {
        if bit(at) == carry {
            at += 1;
            continue;
        }
        let window: u64 = (0..WIDTH).map(|offset| bit(at + offset) << offset).sum::<u64>() + carry;
        carry = window >> (WIDTH - 1) & 1;
        #[expect(clippy::cast_possible_truncation, reason = "below 32")]
        let window = window as i8;
        digits[at] = if carry == 1 { window - (1 << WIDTH) } else { window };
        at += WIDTH;
    }
    digits
}

/// Multiples of one point made beforehand, so that a multiplication needs no doubling.
#[derive(Debug)]
pub(super) struct FixedBase<const N: usize, const C: u64> {
    /// Bits of a digit, w.
    width: usize,
    /// Row i holds 1 … 2^(w−1) times 2^(w·i) times the point.
    multiples: Vec<Affine<N, C>>,
}

impl<const N: usize, const C: u64> FixedBase<N, C> {
    /// Makes the table of a point of large order, for digits of `width` bits. With 512 bits, 6 make 344 KiB and 10 make
    /// 3.25 MiB.
    pub(super) fn new(point: Affine<N, C>, width: usize, a: &Coefficient<N, C>) -> Self {
        let rows = (64 * N + 1).div_ceil(width);
        let row = 1 << (width - 1);
        let mut multiples = Vec::with_capacity(rows * row);
        let mut base = Jacobian::from(point);
        for _ in 0..rows {
            let addend = Addend::from(base);
            let mut multiple = base;
            for _ in 0..row {
                multiples.push(multiple);
                multiple = multiple.add(&addend, a);
            }
            base = base.double(width, a);
        }
        Self { width, multiples: Jacobian::normalize(&multiples) }
    }

    /// `sum` and `scalar` times the point.
    pub(super) fn multiply_onto(
        &self,
        mut sum: Jacobian<N, C>,
        scalar: &[u64; N],
        a: &Coefficient<N, C>,
    ) -> Jacobian<N, C> {
        let half = 1 << (self.width - 1);
        let mut carry = 0;
        for (index, row) in self.multiples.chunks_exact(half).enumerate() {
            let mut digit = window(scalar, index * self.width, self.width) + carry;
            carry = usize::from(digit > half);
            if carry == 1 {
                digit = 2 * half - digit;
            }
            if digit > 0 {
                let multiple = &row[digit - 1];
                sum = if carry == 1 { sum.add_affine(&multiple.neg(), a) } else { sum.add_affine(multiple, a) };
            }
        }
        sum
    }
}

/// `width` bits of `scalar` from `at`.
fn window<const N: usize>(scalar: &[u64; N], at: usize, width: usize) -> usize {
    let (limb, shift) = (at / 64, at % 64);
    let low = scalar.get(limb).map_or(0, |limb| limb >> shift);
    let high = if shift == 0 { 0 } else { scalar.get(limb + 1).map_or(0, |limb| limb << (64 - shift)) };
    #[expect(clippy::cast_possible_truncation, reason = "a few bits")]
    {
        ((low | high) & ((1 << width) - 1)) as usize
    }
}
