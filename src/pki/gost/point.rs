//! Points of a short Weierstrass curve y² = x³ + ax + b, and the multiplications that a verification needs.
//!
//! Jacobian coordinates: (X, Y, Z) stands for (X/Z², Y/Z³), Z = 0 for the point at infinity. Formulas: "madd" and "add" of the
//! Explicit-Formulas Database, repeated doubling of the Guide to Elliptic Curve Cryptography (algorithm 3.23), additions with a common
//! Z of Meloni (New point addition formulae for ECC applications). Their steps stand in such an order that one that waits for the last
//! is not the next. Variable-time throughout.

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

    /// Twice this point, this point, and the Z of both.
    fn double_apart(&self, a: &Field<N, C>) -> (Self, Self, Field<N, C>) {
        let twice_y = self.y.add(&self.y);
        let (xx, square) = (self.x.square(), twice_y.square());
        let x = self.x.mul(&square);
        let y = square.mul(&twice_y).mul(&self.y);
        let slope = Field::sum([&xx, &xx, &xx, a], []);
        let double_x = Field::sum([&slope.square()], [&x, &x]);
        let double_y = slope.mul(&x.sub(&double_x)).sub(&y);
        (Self { x: double_x, y: double_y }, Self { x, y }, twice_y)
    }

    /// The sum of this point and another one with the same Z, and the factor between that Z and the sum's, to which this point is
    /// brought as well.
    fn add_beside(&mut self, other: &Self) -> (Self, Field<N, C>) {
        let growth = self.x.sub(&other.x);
        let square = growth.square();
        let rise = self.y.sub(&other.y);
        self.x.mul_assign(&square);
        let base = other.x.mul(&square);
        let rises = rise.square();
        self.y.mul_assign(&self.x.sub(&base));
        let x = Field::sum([&rises], [&self.x, &base]);
        let y = rise.mul(&self.x.sub(&x)).sub(&self.y);
        (Self { x, y }, growth)
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
    fn double(&mut self, count: usize, a: &Field<N, C>) {
        if count == 0 {
            return;
        }
        let Self { x, y, z } = self;
        *y = y.add(y);
        let mut weight = a.mul(&z.square().square());
        for left in (0..count).rev() {
            let xx = x.square();
            let yy = y.square();
            z.mul_assign(y);
            let slope = Field::sum([&xx, &xx, &xx, &weight], []);
            let base = x.mul(&yy);
            let square = slope.square();
            let yyyy = yy.square();
            *x = Field::sum([&square], [&base, &base]);
            let rise = slope.mul(&base.sub(x));
            if left > 0 {
                weight.mul_assign(&yyyy);
            }
            *y = Field::sum([&rise, &rise], [&yyyy]);
        }
        y.halve();
    }

    #[inline]
    pub(super) fn add_affine(&mut self, other: &Affine<N, C>, a: &Field<N, C>) {
        if self.is_infinity() {
            *self = Self::from(*other);
            return;
        }
        let zz = self.z.square();
        let zzz = self.z.mul(&zz);
        let height = other.x.mul(&zz).sub(&self.x);
        let rise = other.y.mul(&zzz).sub(&self.y);
        self.chord(&height, &rise, a);
    }

    fn add(&mut self, other: &Addend<N, C>, a: &Field<N, C>) {
        if self.is_infinity() {
            *self = other.point;
            return;
        }
        if other.point.is_infinity() {
            return;
        }
        let zz = self.z.square();
        self.x.mul_assign(&other.zz);
        self.y.mul_assign(&other.zzz);
        let height = other.point.x.mul(&zz).sub(&self.x);
        let rise = other.point.y.mul(&zz).mul(&self.z).sub(&self.y);
        self.z.mul_assign(&other.point.z);
        self.chord(&height, &rise, a);
    }

    /// Adds a point that is `height` and `rise` away from this one when both have the same Z.
    #[inline]
    fn chord(&mut self, height: &Field<N, C>, rise: &Field<N, C>, a: &Field<N, C>) {
        if height.is_zero() {
            if rise.is_zero() {
                self.double(1, a);
            } else {
                *self = Self::INFINITY;
            }
            return;
        }
        let square = height.square();
        self.z.mul_assign(height);
        let rises = rise.square();
        let base = self.x.mul(&square);
        let cube = height.mul(&square);
        self.x = Field::sum([&rises], [&cube, &base, &base]);
        let fall = self.y.mul(&cube);
        self.y = rise.mul(&base.sub(&self.x)).sub(&fall);
    }

    /// `scalar` times a point whose order is prime, by digits of six bits (wNAF).
    pub(super) fn multiply(scalar: &[u64; N], point: &Affine<N, C>, a: &Field<N, C>) -> Self {
        let OddMultiples { points, z, a } = OddMultiples::new(point, a);
        let mut product = Self::INFINITY;
        let mut doublings = 0;
        for digit in signed_digits(scalar).iter().rev() {
            doublings += 1;
            if *digit != 0 {
                let multiple = &points[usize::from(digit.unsigned_abs() / 2)];
                product.double(doublings, &a);
                if *digit > 0 {
                    product.add_affine(multiple, &a);
                } else {
                    product.add_affine(&multiple.neg(), &a);
                }
                doublings = 0;
            }
        }
        product.double(doublings, &a);
        product.z.mul_assign(&z);
        product
    }

    /// Whether `scalar` times any point of the curve is infinity.
    pub(super) fn vanishes(scalar: &[u64; N], point: &Affine<N, C>, a: &Field<N, C>) -> bool {
        let mut product = Self::INFINITY;
        for at in (0..64 * N).rev() {
            product.double(1, a);
            if window(scalar, at, 1) == 1 {
                product.add_affine(point, a);
            }
        }
        product.is_infinity()
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

/// The odd multiples 1, 3, … 31 of a point, all with the same Z: as good as affine ones on the curve with a·Z⁴ in place of a.
struct OddMultiples<const N: usize, const C: u64> {
    points: [Affine<N, C>; 16],
    z: Field<N, C>,
    a: Field<N, C>,
}

impl<const N: usize, const C: u64> OddMultiples<N, C> {
    fn new(point: &Affine<N, C>, a: &Field<N, C>) -> Self {
        let (mut twice, first, mut z) = point.double_apart(a);
        let mut points = [first; 16];
        // How much Z grows with each.
        let mut growth = [Field::ONE; 16];
        for index in 1..points.len() {
            (points[index], growth[index]) = twice.add_beside(&points[index - 1]);
        }
        let mut scale = growth[15];
        for index in (0..15).rev() {
            let square = scale.square();
            let Affine { x, y } = &mut points[index];
            x.mul_assign(&square);
            y.mul_assign(&square.mul(&scale));
            scale.mul_assign(&growth[index]);
        }
        z.mul_assign(&scale);
        Self { points, z, a: a.mul(&z.square().square()) }
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

/// Digits of `scalar`, least significant first: zero, or odd and below 32 in magnitude; of six in a row at most one is not zero.
fn signed_digits<const N: usize>(scalar: &[u64; N]) -> Vec<i8> {
    const WIDTH: usize = 6;
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
        #[expect(clippy::cast_possible_truncation, reason = "below 64")]
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
    /// Makes the table of a point of large order, for digits of `width` bits. With 512 bits, 6 make 344 KiB and 8 make
    /// 1 MiB.
    pub(super) fn new(point: Affine<N, C>, width: usize, a: &Field<N, C>) -> Self {
        let rows = (64 * N + 1).div_ceil(width);
        let row = 1 << (width - 1);
        let mut multiples = Vec::with_capacity(rows * row);
        let mut base = Jacobian::from(point);
        for _ in 0..rows {
            let addend = Addend::from(base);
            let mut multiple = base;
            for _ in 0..row {
                multiples.push(multiple);
                multiple.add(&addend, a);
            }
            base.double(width, a);
        }
        Self { width, multiples: Jacobian::normalize(&multiples) }
    }

    /// `sum` and `scalar` times the point.
    pub(super) fn multiply_onto(&self, mut sum: Jacobian<N, C>, scalar: &[u64; N], a: &Field<N, C>) -> Jacobian<N, C> {
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
                if carry == 1 {
                    sum.add_affine(&multiple.neg(), a);
                } else {
                    sum.add_affine(multiple, a);
                }
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
