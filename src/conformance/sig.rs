//! Vectors of signature algorithms in the form of Wycheproof: every vector is a case of its own.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Case, Expected, Judged, Suites, Verdict};
use crate::pki::der::{Reader, write};
use crate::pki::{AlgorithmError, AlgorithmIdentifier, Oid, PublicKey, SignatureAlgorithm};

const RSASSA_PSS: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 10]);
const MGF1: Oid = Oid::new(&[1, 2, 840, 113_549, 1, 1, 8]);

/// Every setting of a file of vectors: counts, which the file has itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "settings without bearing are named, so that unknown ones are refused")]
struct Settings {
    n_tests: Option<IgnoredAny>,
    results: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    test_groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(rename = "type")]
    kind: String,
    public_key: Option<PublicKeyNames>,
    public_key_der: String,
    sha: Option<String>,
    mgf_sha: Option<String>,
    s_len: Option<u64>,
    tests: Vec<Vector>,
}

#[derive(Debug, Deserialize)]
struct PublicKeyNames {
    curve: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u64,
    comment: String,
    msg: String,
    sig: String,
    result: ExpectedResult,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExpectedResult {
    Valid,
    Invalid,
    Acceptable,
}

pub(super) fn judge(suites: &Suites, case: &Case) -> Result<Vec<Judged>, String> {
    case.settings::<Settings>()?;
    let document: Document =
        serde_json::from_slice(&suites.file(case, "vectors")?).map_err(|error| format!("vectors: {error}"))?;
    let mut judged = Vec::new();
    for group in &document.test_groups {
        let prepared = group.prepare();
        for vector in &group.tests {
            let is_acceptable = vector.result == ExpectedResult::Acceptable;
            judged.push(Judged {
                id: format!("{}#{}", case.id, vector.tc_id),
                expected: if vector.result == ExpectedResult::Invalid { Expected::Invalid } else { Expected::Valid },
                arguable: is_acceptable.then(|| "an \"acceptable\" vector may go either way".to_owned()),
                reason: vector.comment.clone(),
                verdict: match &prepared {
                    Ok((algorithm, key)) => vector.judge(*algorithm, key),
                    Err(verdict) => verdict.clone(),
                },
            });
        }
    }
    Ok(judged)
}

impl Vector {
    fn judge(&self, algorithm: SignatureAlgorithm, key: &PublicKey) -> Verdict {
        let Some((message, signature)) = hex::decode(&self.msg).ok().zip(hex::decode(&self.sig).ok()) else {
            return Verdict::Failed("the vector is not hexadecimal".to_owned());
        };
        match algorithm.verify(key, &message, &signature) {
            Ok(()) => Verdict::Valid,
            Err(error) => refused(&error),
        }
    }
}

impl Group {
    /// The algorithm and the key, as a certificate would bring them.
    fn prepare(&self) -> Result<(SignatureAlgorithm, PublicKey), Verdict> {
        let malformed = |what: &str| Verdict::Failed(format!("malformed {what}"));
        let spki = hex::decode(&self.public_key_der).map_err(|_| malformed("key"))?;
        let mut spki = Reader::new(&spki).sequence().map_err(|_| malformed("key"))?;
        let identifier = AlgorithmIdentifier::read(&mut spki).map_err(|_| malformed("key"))?;
        let key = spki.bit_string().map_err(|_| malformed("key"))?;
        let key = PublicKey::new(&identifier, key).map_err(|error| match error {
            AlgorithmError::KeyMalformed(_) => Verdict::NotValid(error.to_string()),
            error => Verdict::Unsupported(error.to_string()),
        })?;
        let algorithm = self.identifier()?;
        let algorithm = AlgorithmIdentifier::read(&mut Reader::new(&algorithm)).map_err(|_| malformed("algorithm"))?;
        // Parameters that are allowed and not verified here, such as two hashes in one RSASSA-PSS, are another algorithm.
        let algorithm =
            SignatureAlgorithm::resolve(&algorithm).map_err(|error| Verdict::Unsupported(error.to_string()))?;
        Ok((algorithm, key))
    }

    /// The AlgorithmIdentifier of the group, encoded.
    fn identifier(&self) -> Result<Vec<u8>, Verdict> {
        let unnamed = || Verdict::Unsupported(format!("{} with {}", self.kind, self.sha.as_deref().unwrap_or("?")));
        let sha = self.sha.as_deref();
        let plain = |arcs: &[u64]| Ok(write::sequence(&[&write::oid(&Oid::new(arcs))]));
        let with_null = |arcs: &[u64]| Ok(write::algorithm_with_null(&Oid::new(arcs)));
        match (self.kind.as_str(), sha) {
            ("EcdsaVerify", Some("SHA-256")) => plain(&[1, 2, 840, 10045, 4, 3, 2]),
            ("EcdsaVerify", Some("SHA-384")) => plain(&[1, 2, 840, 10045, 4, 3, 3]),
            ("EcdsaVerify", Some("SHA-512")) => plain(&[1, 2, 840, 10045, 4, 3, 4]),
            ("RsassaPkcs1Verify", Some("SHA-1")) => with_null(&[1, 2, 840, 113_549, 1, 1, 5]),
            ("RsassaPkcs1Verify", Some("SHA-224")) => with_null(&[1, 2, 840, 113_549, 1, 1, 14]),
            ("RsassaPkcs1Verify", Some("SHA-256")) => with_null(&[1, 2, 840, 113_549, 1, 1, 11]),
            ("RsassaPkcs1Verify", Some("SHA-384")) => with_null(&[1, 2, 840, 113_549, 1, 1, 12]),
            ("RsassaPkcs1Verify", Some("SHA-512")) => with_null(&[1, 2, 840, 113_549, 1, 1, 13]),
            ("EddsaVerify", _) => match self.public_key.as_ref().and_then(|key| key.curve.as_deref()) {
                Some("edwards25519") => plain(&[1, 3, 101, 112]),
                Some("edwards448") => plain(&[1, 3, 101, 113]),
                _ => Err(unnamed()),
            },
            ("RsassaPssVerify" | "RsassaPssWithParametersVerify", _) => self.pss().ok_or_else(unnamed),
            _ => Err(unnamed()),
        }
    }

    /// RSASSA-PSS with its parameters (RFC 4055 §3.1).
    fn pss(&self) -> Option<Vec<u8>> {
        let hash = write::algorithm_with_null(&digest(self.sha.as_deref()?)?);
        let mask_hash = write::algorithm_with_null(&digest(self.mgf_sha.as_deref()?)?);
        let mask = write::sequence(&[&write::oid(&MGF1), &mask_hash]);
        let parameters = write::sequence(&[
            &write::explicit(0, &hash),
            &write::explicit(1, &mask),
            &write::explicit(2, &write::unsigned(self.s_len?)),
        ]);
        Some(write::sequence(&[&write::oid(&RSASSA_PSS), &parameters]))
    }
}

fn digest(name: &str) -> Option<Oid> {
    Some(match name {
        "SHA-1" => Oid::new(&[1, 3, 14, 3, 2, 26]),
        "SHA-224" => Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 4]),
        "SHA-256" => Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 1]),
        "SHA-384" => Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 2]),
        "SHA-512" => Oid::new(&[2, 16, 840, 1, 101, 3, 4, 2, 3]),
        _ => return None,
    })
}

/// An algorithm or key outside the table is no verdict on the signature; everything else is.
fn refused(error: &AlgorithmError) -> Verdict {
    match error {
        AlgorithmError::Unsupported { .. } | AlgorithmError::TooWeak { .. } => Verdict::Unsupported(error.to_string()),
        error => Verdict::NotValid(error.to_string()),
    }
}
