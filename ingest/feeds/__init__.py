"""What a contract says, as frozen values: headers, codes, file names, check digits."""
