//! Keys of the fake's GitHub Apps. They were made for it, open nothing anywhere else, and stand here without the frame of a PEM file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{KeyPair as _, RsaKeyPair};

/// What stands before an RSA key of this length to make it PKCS#8.
const PKCS8_HEAD: [u8; 26] = [
    0x30, 0x82, 0x04, 0xbd, 0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05,
    0x00, 0x04, 0x82, 0x04, 0xa7,
];

/// RSA keys of 2048 bits, PKCS#1.
const KEYS: [&str; 2] = [
    "\
     MIIEowIBAAKCAQEAuzpm04A6iEu0zNLSKvHtfpHDNiX39TP59oIUUSK1k+aZrZK7A5s8PwXQCylhsWQfaZaST1jfDLQI6/DEWuqqYWITE2Bq29eVa3bqKK\
     5mX8iRFBHsDpHD+fpcxjte4hrkm87eghKHoOksNpeJaHTMqiiCKypjOdal3mKpDnqg7lA1nW81cPwpHOl3P9COFQBT58NiaObwdxPt+M8bmi7pE8debW0y\
     cRJTA1AKeH7Bw2m4pvqV+U8YenoZIAjNrjMH9HW+A5jyK820NV7K3I5K0bP/RRzHonNQqWBuaIS6dt3uknJ3OUv3gBQGQjZwT/DhDysXuVG7Ll+xH//28S\
     AJtwIDAQABAoIBADR64Eu0i7OclOc8yNBk089AiFlrNx+yHASu3YcIlaEJaFYw5N7T6oU32eLnDI0upWdxXz2CibMD2+RWrpNVZ8C4PuSViB5rRWTEBkq0\
     59k9XP0lMOe8kBRHyy19gtEZ/K53xALtsrq14UDEJS30X1Hq3OHAleOmeQPm38BBO07RDfAG2TaFaEbNWeG0m2gzCycR1Lx0WAwGRmk9sqcpKfIpRYzHiA\
     ufsizCzGOUXzL5J/HFb1KBqOmfQ8kdyE1lHYZusszo2ix8wQAK+ZROBedMRwjRXvLB9FQiAdsZ0nVMnU47+DwVNCizZx6ld6utwc0iZ8FRjaoYEvo0G+TI\
     zDECgYEA5pdsTGfGli2uH9TOpIuGqB8auac2sikXiJdbyFs3/gmUmAJOMWip4i6VLtQ4THacnHWl8Q/Ts8PgwlT8e2Q0XrxEDUxtvR1oNSf1QMozbMNwcx\
     S4nHVTVaan3pg1o1GgDzGNoLChB/JtiWYDPh3/pJVevGUz1dsHXHJ9QA3g7m0CgYEAz9vGaWvIQC5Wj/uDuOr2rxIytag6CIHn9cowr5KGotyqyz1QKG1V\
     mja9kse+vanjHagu+Xmer9ZJVAAtYpr4PNx+YCT1pqRVFkzSAdFdNKl6VqHvKs/o8mzLmSKeOUzjTz40Naidxur/ii6boFPQcE3s9DxS+jTNLmDgask0cj\
     MCgYEAuJZSfT89ew6KKrUBzjpays5LaH5wjGHUkuUG9fX/dn5Y0u5VhbvQ8lxz047SmnMAn0aWVchjoa2ViDrb+jKWsZdnqnWaCx81QggAjaLPU6uHorfd\
     qHFLCm9kRg32MgyvYjo6s31xCpmIEcr1oY4GDMv9kDY7LmAtHlYP6WyyuGkCgYAxhlzk+2BQInpPfg7pfVpfZkeczsNdCY66Gn21J4VawpcTK72wlDRkNQ\
     zAL0V8LUFG7K6clGTB4p3AHPazWtcwsRyPTd8V4GvBj3YuJrM9e/ABOj4hBj6rnE56Yywt3OsAE4MfEdjd71oJk4dTEQVF7Ns7ajAfG3uTxFNUPjJ3zwKB\
     gF6/ilfED5F61lJluHIshuR/SDWboHip0bgdo8FtOeGvEl91DKPmvk8SAaAcx+k4Uq17mvvrVbFmcxPX3+fbJqdL/ivEtn7unH491UpaTcpGQ81LedE0v4\
     tH06f/KHtNByZCkaNwvTWWwVZmd0mumSCpJXruIdgnnMIX7KpqWMGM",
    "\
     MIIEpAIBAAKCAQEA00maJXmC3GRwV/7a3WbeDa5DMt0HgOWoiLVjrZ7E/kesZgXzNib1TnhjxSvd049Mbv4J/KxudsEQrrmqIPsoN8UUa4nOggcSHRAHMB\
     BeL0XaB/YFWuBrjZi+eqagVBK3PSy7pMmgl9+85+RK6kVy6jo70FZk6td+A81DoiM/rlfWc7dhZTITG3GLLqeDSo9YInSXV4Pn/QOPEB0fEFe+PKd/vYFY\
     IHHo/f2850+oZ0Xu1M++gw9EklPGgbBlm9vBtbsNyeMRWeTiXW30JIu5MLzNKGJD0sTnbGHSPNyOMG6JNSvZBcykcJFKcTKORvBcoDnsuNNQSa9UOpXCof\
     lX/QIDAQABAoIBACEnRfBGalHB0t0D6PzftM0pwHKdOx2vK6xT5hGqvZd20KbrnResskY/XsxkDzkwnZo284M53VV2AvOfv4HQVyW1H3imVYiSqnVz++S/\
     VMAPMmCYaouxdj7wLkdZmQPIMgd/2uvHFZNvMJmkeVrcTeVSAOu2erxc1vGqxkeNR2NILSn7olFkpLpUf7h9XlTDWx4luZOcuOaw1UF4kHve3WkYb6nuFD\
     d2WTqVac+at+nGf5ci8EnA8DOXhrf+GRh3Gq9QPVCdFTRfRCGORYlhRySM57FRKM33+q31o+v+7zW+nV8E++V4xp945BOnULR+VtFr66KBzwJtZGTBm80+\
     jjECgYEA6UeGTriJMViCXBpdssRa8O1FHFa7HyuRUIaLot/LErmsZsu5+B4jFUiRARfWPPRyWjPlf4GYk0ba+xVBrOeWgP0lV0Ro0vNuzaSC0azoA/lKBf\
     6VhXp2FuFZusM/b7/vkmjHCakSIBMVBQIqjCpeDA8zinNSe3AG5GtyirgT2AkCgYEA592+FDRr41FpMHk+p2h5742wPYsQffNrzEpERtfHxjySP7VHnTXj\
     HgULouDf6K3gumPJVnnoqNerq7Uz9NjcLtL5f5Vc0sI1sR/4fPRDw88T+YGhX+4qB5kmsI8QT9mdxI74iNmxg/LAQZYhYQaTjTowF8CbUYol7uDMy+0S9V\
     UCgYBZF0TW6akTnG7kx/kC3fSxUJx1TzZVmCj+LPRFNtzygNCzzZhvhur1JOqkFTtvuhe2FV3PjWn8zTGydJLJewTCrGtHYcv6zJeDmBGSDEvrwJgho/Hs\
     sTFKWbQQHKMshYv0SWnCabyPXVpIuGQRddjHGEMh3BsjI0yujc6H5fdGKQKBgQDmUCJg23lXQSSlW6najDKiuzEW0K2/Di5DrHmJjQkJZl03HxBVnpNM3G\
     Iklg6ThzO0sS3q0glCvYfudX14dnivoizmiCy9xN+kY0dmhxNQyr7ildr/+QiSp5QAyPrA9j56YjGJbgOgN161RzU8tVWXcPcYgN9G7VyknXOQFJtCSQKB\
     gQCABNs5OMuFftMda9y483ue2UEBDyovAqg+Ji5/0pqS/QE4EXxU9PvPqwWPY/J9hlOUyof8b5wOIucL8g/ZC317aSgZADw9e72SkThgw6vgP7Csb6ztro\
     SYJZ1xmJQLbzlHWCYWSNqnZgPlTVVIMOAfnjrGStK0Z0yQZzBZRo34tw==",
];

fn der(number: usize) -> Vec<u8> {
    STANDARD.decode(KEYS[number % KEYS.len()]).unwrap_or_default()
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap_or_default())
        .collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A key as GitHub gives it.
#[must_use]
pub(crate) fn pkcs1(number: usize) -> String {
    pem("RSA PRIVATE KEY", &der(number))
}

/// The same key in the other form.
#[must_use]
pub(crate) fn pkcs8(number: usize) -> String {
    let key = der(number);
    let mut all = PKCS8_HEAD.to_vec();
    // The keys are a byte or two longer or shorter; both lengths in front follow from that.
    let length = |of: usize| u16::try_from(of).unwrap_or_default().to_be_bytes();
    all[24..26].copy_from_slice(&length(key.len()));
    all[2..4].copy_from_slice(&length(key.len() + 22));
    all.extend(key);
    pem("PRIVATE KEY", &all)
}

/// The public half of a key, which is what GitHub keeps.
pub(crate) fn public(number: usize) -> Vec<u8> {
    RsaKeyPair::from_der(&der(number))
        .map(|pair| pair.public_key().as_ref().to_vec())
        .unwrap_or_default()
}
