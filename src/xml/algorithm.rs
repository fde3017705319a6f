//! Algorithm identifiers of XML Signature (§6; RFC 6931; the national URIs) and the object identifiers they stand for.
//!
//! The names of algorithms too weak to count are listed all the same, so that a refusal can name them.

use crate::pki::algorithm::Parameters;
use crate::pki::{AlgorithmIdentifier, DigestAlgorithm, Oid};

/// An algorithm as a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Algorithm {
    /// One of the table.
    Known(AlgorithmIdentifier),
    /// Another, by its URI.
    Unknown(String),
}

impl Algorithm {
    pub(super) fn signature(uri: &str) -> Self {
        let row = SIGNATURES.iter().find(|(known, ..)| *known == uri);
        row.map_or_else(|| Self::Unknown(uri.to_owned()), |(_, oid, parameters)| identifier(*oid, parameters.clone()))
    }

    pub(super) fn digest(uri: &str) -> Self {
        let row = DIGESTS.iter().find(|(known, _)| *known == uri);
        row.map_or_else(|| Self::Unknown(uri.to_owned()), |(_, digest)| identifier(digest.oid(), Parameters::Absent))
    }
}

fn identifier(oid: Oid, parameters: Parameters) -> Algorithm {
    Algorithm::Known(AlgorithmIdentifier { oid, parameters })
}

const DIGESTS: [(&str, DigestAlgorithm); 8] = [
    ("http://www.w3.org/2001/04/xmlenc#sha256", DigestAlgorithm::Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", DigestAlgorithm::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", DigestAlgorithm::Sha512),
    ("http://www.w3.org/2001/04/xmldsig-more#sha224", DigestAlgorithm::Sha224),
    ("http://www.w3.org/2000/09/xmldsig#sha1", DigestAlgorithm::Sha1),
    ("http://www.w3.org/2001/04/xmldsig-more#md5", DigestAlgorithm::Md5),
    ("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512", DigestAlgorithm::Streebog512),
    ("http://www.w3.org/2001/04/xmldsig-more#gost34311", DigestAlgorithm::Gost34311),
];

#[rustfmt::skip]
const SIGNATURES: [(&str, Oid, Parameters); 12] = [
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",   Oid::new(&[1, 2, 840, 113_549, 1, 1, 11]), Parameters::Null),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",   Oid::new(&[1, 2, 840, 113_549, 1, 1, 12]), Parameters::Null),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",   Oid::new(&[1, 2, 840, 113_549, 1, 1, 13]), Parameters::Null),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha224",   Oid::new(&[1, 2, 840, 113_549, 1, 1, 14]), Parameters::Null),
    ("http://www.w3.org/2000/09/xmldsig#rsa-sha1",          Oid::new(&[1, 2, 840, 113_549, 1, 1, 5]),  Parameters::Null),
    ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5",      Oid::new(&[1, 2, 840, 113_549, 1, 1, 4]),  Parameters::Null),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", Oid::new(&[1, 2, 840, 10045, 4, 3, 2]),    Parameters::Absent),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", Oid::new(&[1, 2, 840, 10045, 4, 3, 3]),    Parameters::Absent),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", Oid::new(&[1, 2, 840, 10045, 4, 3, 4]),    Parameters::Absent),
    ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",   Oid::new(&[1, 2, 840, 10045, 4, 1]),       Parameters::Absent),
    ("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512",
                                                            Oid::new(&[1, 2, 398, 3, 10, 1, 1, 2, 3, 2]), Parameters::Null),
    ("http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311",
                                                            Oid::new(&[1, 2, 398, 3, 10, 1, 1, 1, 2]),    Parameters::Null),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_of_the_table_is_one_that_the_house_can_name() {
        for (uri, ..) in SIGNATURES {
            assert!(
                matches!(Algorithm::signature(uri), Algorithm::Known(known) if known.name() != "unknown algorithm")
            );
        }
        for (uri, digest) in DIGESTS {
            assert!(matches!(Algorithm::digest(uri), Algorithm::Known(known) if known.oid == digest.oid()));
        }
        assert!(matches!(Algorithm::signature("http://www.w3.org/2000/09/xmldsig#hmac-sha1"), Algorithm::Unknown(_)));
        assert!(matches!(Algorithm::digest(""), Algorithm::Unknown(_)));
    }
}
