//! The three sets of domain parameters under the national identifiers, and signatures over them (GOST R 34.10-2012 §6).

use std::sync::OnceLock;

use crypto_bigint::{CheckedAdd, NonZero, Uint};
use ring::rand::SecureRandom;

use super::field::Field;
use super::inverse::inverse;
use super::point::{Affine, FixedBase, Jacobian};

/// Bits of a digit in the table of the generator, of which there is one, and of a key, of which there are some.
const GENERATOR_WIDTH: usize = 8;
const KEY_WIDTH: usize = 6;

/// Domain parameters (GOST R 34.10-2012 §5.2).
pub(super) struct Domain<const N: usize, const C: u64> {
    a: Field<N, C>,
    b: Field<N, C>,
    /// Order of the subgroup, least significant limb first.
    q: [u64; N],
    /// Whether there are points outside the subgroup.
    has_cofactor: bool,
    generator: Affine<N, C>,
    table: OnceLock<FixedBase<N, C>>,
}

/// A public key: a point of the subgroup, with its multiples where it is used often.
#[derive(Debug)]
pub(super) struct Point<const N: usize, const C: u64> {
    affine: Affine<N, C>,
    table: OnceLock<FixedBase<N, C>>,
}

impl<const N: usize, const C: u64> Point<N, C> {
    /// Makes the multiples, once.
    pub(super) fn prepare(&self, domain: &Domain<N, C>) {
        self.table.get_or_init(|| FixedBase::new(self.affine, KEY_WIDTH, &domain.a));
    }
}

/// id-tc26-gost-3410-12-512-paramSetA.
pub(super) static A512: Domain<8, 569> = Domain {
    a: Field::MINUS_THREE,
    b: Field::constant([
        0x5031_9078_5a71_c760,
        0x862e_f9d4_ebee_4761,
        0x4cb4_5740_10da_90dd,
        0xee3c_b090_f30d_2761,
        0x79bd_081c_fd0b_6265,
        0x34b8_2574_761c_b0e8,
        0xc1bd_0b2b_6667_f1da,
        0xe8c2_505d_edfc_86dd,
    ]),
    q: [
        0xcacd_b141_1f10_b275,
        0x9b4b_38ab_fad2_b85d,
        0x6ff2_2b8d_4e05_6060,
        0x27e6_9532_f48d_8911,
        u64::MAX,
        u64::MAX,
        u64::MAX,
        u64::MAX,
    ],
    has_cofactor: false,
    generator: Affine {
        x: Field::constant([3, 0, 0, 0, 0, 0, 0, 0]),
        y: Field::constant([
            0x89a5_89cb_5215_f2a4,
            0x8028_fe5f_c235_f5b8,
            0x3d75_e6a5_0e3a_41e9,
            0xdf16_26be_4fd0_36e9,
            0x7780_64fd_cbef_a921,
            0xce5e_1c93_acf1_abc1,
            0xa61b_8816_e254_50e6,
            0x7503_cfe8_7a83_6ae3,
        ]),
    },
    table: OnceLock::new(),
};

/// id-GostR3410-2001-CryptoPro-A.
pub(super) static CRYPTO_PRO_A: Domain<4, 617> = Domain {
    a: Field::MINUS_THREE,
    b: Field::constant([0xa6, 0, 0, 0]),
    q: [0x4584_1b09_b761_b893, 0x6c61_1070_995a_d100, u64::MAX, u64::MAX],
    has_cofactor: false,
    generator: Affine {
        x: Field::constant([1, 0, 0, 0]),
        y: Field::constant([
            0x22ac_c99c_9e9f_1e14,
            0x3529_4f2d_df23_e3b1,
            0x27df_505a_453f_2b76,
            0x8d91_e471_e098_9cda,
        ]),
    },
    table: OnceLock::new(),
};

/// id-tc26-gost-3410-2012-256-paramSetA.
pub(super) static A256: Domain<4, 617> = Domain {
    a: Field::constant([0xb22c_656f_277e_7335, 0xe25e_2013_bf95_aa33, 0xaf48_92c2_3035_a27c, 0xc217_3f15_1398_1673]),
    b: Field::constant([0xba93_37a6_f8ae_9513, 0x22fc_cd91_08e1_7bf7, 0xcc20_e7c3_59a9_d41a, 0x295f_9bae_7428_ed9c]),
    q: [0xc115_af55_6c36_0c67, 0x0fd8_cddf_c87b_6635, 0, 0x4000_0000_0000_0000],
    has_cofactor: true,
    generator: Affine {
        x: Field::constant([
            0x8b25_82fe_742d_aa28,
            0x658b_9196_932e_02c7,
            0x8809_2342_5712_b2bb,
            0x91e3_8443_a5e8_2c0d,
        ]),
        y: Field::constant([
            0xaf26_8adb_3232_2e5c,
            0x5fde_0b53_4476_6740,
            0x8957_86c4_bb46_e956,
            0x3287_9423_ab1a_0375,
        ]),
    },
    table: OnceLock::new(),
};

/// Little-endian octets of a scalar or coordinate.
pub(super) fn octets<const N: usize>(limbs: &[u64; N]) -> Vec<u8> {
    limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect()
}

/// Reads little-endian octets, 8·N of them.
fn limbs<const N: usize>(octets: &[u8]) -> [u64; N] {
    let mut limbs = [0; N];
    for (limb, chunk) in limbs.iter_mut().zip(octets.as_chunks::<8>().0) {
        *limb = u64::from_le_bytes(*chunk);
    }
    limbs
}

impl<const N: usize, const C: u64> Domain<N, C> {
    /// Octets of a coordinate and of a scalar.
    const LENGTH: usize = 8 * N;

    /// Reads x ‖ y, both little-endian; `None` unless that is a point of the subgroup, not infinity.
    pub(super) fn read_point(&self, octets: &[u8]) -> Option<Point<N, C>> {
        let (x, y) = octets.split_at_checked(Self::LENGTH).filter(|(_, y)| y.len() == Self::LENGTH)?;
        let affine = Affine { x: Field::new(limbs(x))?, y: Field::new(limbs(y))? };
        let right = affine.x.square().mul(&affine.x).add(&self.a.mul(&affine.x)).add(&self.b);
        let on_curve = affine.y.square() == right;
        let in_subgroup = || !self.has_cofactor || Jacobian::vanishes(&self.q, &affine, &self.a);
        (on_curve && in_subgroup()).then(|| Point { affine, table: OnceLock::new() })
    }

    fn modulus(&self) -> NonZero<Uint<N>> {
        // Constant and not zero.
        NonZero::new(Uint::from_words(self.q)).unwrap_or(NonZero::MAX)
    }

    /// A scalar in 1 … q − 1; `None` otherwise.
    fn scalar(&self, octets: &[u8]) -> Option<Uint<N>> {
        let scalar = Uint::from_words(limbs::<N>(octets));
        (!bool::from(scalar.is_zero()) && scalar < Uint::from_words(self.q)).then_some(scalar)
    }

    /// e: the digest as a little-endian integer modulo q, 0 replaced by 1 (§6.1 step 2).
    fn digest_scalar(&self, digest: &[u8]) -> Uint<N> {
        let e = Uint::from_words(limbs::<N>(digest)).rem_vartime(&self.modulus());
        if bool::from(e.is_zero()) { Uint::ONE } else { e }
    }

    fn generator_table(&self) -> &FixedBase<N, C> {
        self.table.get_or_init(|| FixedBase::new(self.generator, GENERATOR_WIDTH, &self.a))
    }

    /// Verifies r ‖ s, both little-endian, over a digest (§6.2).
    pub(super) fn verify(&self, point: &Point<N, C>, digest: &[u8], signature: &[u8]) -> bool {
        let Some((r, s)) = signature.split_at_checked(Self::LENGTH).filter(|(_, s)| s.len() == Self::LENGTH) else {
            return false;
        };
        let (Some(r), Some(s)) = (self.scalar(r), self.scalar(s)) else {
            return false;
        };
        if digest.len() != Self::LENGTH {
            return false;
        }
        let modulus = self.modulus();
        // q is prime and e is not zero.
        let v = Uint::from_words(inverse(self.digest_scalar(digest).as_words(), &self.q));
        let z1 = s.mul_mod_vartime(&v, &modulus);
        let z2 = modulus.wrapping_sub(&r.mul_mod_vartime(&v, &modulus));
        let sum = match point.table.get() {
            Some(table) => table.multiply_onto(Jacobian::INFINITY, z2.as_words(), &self.a),
            None => Jacobian::multiply(z2.as_words(), &point.affine, &self.a),
        };
        let sum = self.generator_table().multiply_onto(sum, z1.as_words(), &self.a);
        // R = x mod q: x is R, or R and a multiple of q, below p.
        let mut candidate = Some(r);
        while let Some(x) = candidate {
            match Field::new(*x.as_words()) {
                Some(field) if sum.has_x(field) => return true,
                Some(_) => candidate = x.checked_add(&modulus).into_option(),
                None => return false,
            }
        }
        false
    }

    /// The scalar of little-endian octets, for keys; `None` unless it lies in 1 … q − 1.
    pub(super) fn read_scalar(&self, octets: &[u8]) -> Option<[u64; N]> {
        (octets.len() == Self::LENGTH).then(|| self.scalar(octets)).flatten().map(Uint::to_words)
    }

    /// A scalar in 1 … q − 1 by rejection; `None` when there is no randomness.
    pub(super) fn random_scalar(&self, random: &dyn SecureRandom) -> Option<[u64; N]> {
        let mut octets = vec![0; Self::LENGTH];
        loop {
            random.fill(&mut octets).ok()?;
            if let Some(scalar) = self.read_scalar(&octets) {
                return Some(scalar);
            }
        }
    }

    /// x ‖ y of `scalar` times the generator, little-endian.
    pub(super) fn public_octets(&self, scalar: &[u64; N]) -> Vec<u8> {
        let point = self.generator_table().multiply_onto(Jacobian::INFINITY, scalar, &self.a).to_affine();
        [octets(&point.x.canonical()), octets(&point.y.canonical())].concat()
    }

    /// r ‖ s for a digest (§6.1); `None` when `nonce` leads to a zero and another must be taken. Takes a time that depends on its
    /// arguments.
    pub(super) fn sign(&self, scalar: &[u64; N], digest: &[u8], nonce: &[u64; N]) -> Option<Vec<u8>> {
        let modulus = self.modulus();
        let point = self.generator_table().multiply_onto(Jacobian::INFINITY, nonce, &self.a).to_affine();
        let r = Uint::from_words(point.x.canonical()).rem_vartime(&modulus);
        let [d, k] = [scalar, nonce].map(|words| Uint::from_words(*words));
        let s = r
            .mul_mod_vartime(&d, &modulus)
            .add_mod(&k.mul_mod_vartime(&self.digest_scalar(digest), &modulus), &modulus);
        let usable = !bool::from(r.is_zero()) && !bool::from(s.is_zero());
        usable.then(|| [octets(r.as_words()), octets(s.as_words())].concat())
    }
}
