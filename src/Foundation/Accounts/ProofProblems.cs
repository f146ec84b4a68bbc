using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The ways of coming in by wallet, passkey or another service can fail.</summary>
public static class ProofProblems
{
    /// <summary>The person may not come in.</summary>
    public static readonly ProblemCode ShutOut = new(
        "account_shut_out",
        403,
        "The account is shut out.",
        "Ask whoever runs this Quoin.");

    /// <summary>Nobody may sign up by themselves.</summary>
    public static readonly ProblemCode SignUpClosed = new(
        "sign_up_closed",
        403,
        "Nobody is known by this, and new people come by invitation.",
        "Ask somebody of your organisation to invite you.");

    /// <summary>The method is not offered here.</summary>
    public static readonly ProblemCode MethodOff = new(
        "sign_in_method_off",
        404,
        "This way of signing in is not offered here.",
        "Sign in another way; the sign-in page shows which there are.");

    /// <summary>The text is no Sign-In with Ethereum message.</summary>
    public static readonly ProblemCode SiweMalformed = new(
        "siwe_message_malformed",
        422,
        "The message is not written as ERC-4361 says.",
        "Have a library write the message, and send it unchanged; the address needs its EIP-55 checksum.");

    /// <summary>The message was made for another site.</summary>
    public static readonly ProblemCode SiweWrongDomain = new(
        "siwe_wrong_domain",
        401,
        "The message was signed for another site.",
        "Sign a message with the domain and the URI that the nonce was given out with.");

    /// <summary>The message names a chain that is not let in.</summary>
    public static readonly ProblemCode SiweOtherChain = new(
        "siwe_other_chain",
        401,
        "The wallet is on a chain that is not let in.",
        "Switch the wallet to one of the chains that came with the nonce.");

    /// <summary>The message counts only later.</summary>
    public static readonly ProblemCode SiweNotYetValid = new(
        "siwe_not_yet_valid",
        401,
        "The message does not count yet.",
        "Check the clock of the machine that wrote it.");

    /// <summary>The message no longer counts.</summary>
    public static readonly ProblemCode SiweExpired = new(
        "siwe_expired",
        401,
        "The message has expired.",
        "Ask for a new nonce and sign again.");

    /// <summary>The signature is not the address's.</summary>
    public static readonly ProblemCode SiweBadSignature = new(
        "siwe_bad_signature",
        401,
        "The signature is not this address's signature of this message.",
        "Sign the message exactly as it is sent (personal_sign, EIP-191).");

    /// <summary>The nonce was not given out, has been used, or is too old.</summary>
    public static readonly ProblemCode SiweNonceUsed = new(
        "siwe_nonce_used",
        401,
        "The nonce does not work (any more).",
        "Ask for a new nonce and sign again: each works once, for five minutes.");

    /// <summary>The wallet signs in somebody else.</summary>
    public static readonly ProblemCode WalletTaken = new(
        "wallet_taken",
        409,
        "The wallet belongs to another account.",
        "Sign in with it and unlink it there first.");

    /// <summary>There are as many as one person may have.</summary>
    public static readonly ProblemCode TooMany = new(
        "too_many_sign_in_methods",
        409,
        "There are as many of these as one person may have.",
        "Remove one that is no longer used.");

    /// <summary>It is the last way the person can come in.</summary>
    public static readonly ProblemCode LastWayIn = new(
        "last_way_in",
        409,
        "It is the last way to sign in to this account.",
        "Add another way to sign in first.");

    /// <summary>The passkey's answer does not hold.</summary>
    public static readonly ProblemCode PasskeyRefused = new(
        "passkey_refused",
        401,
        "The passkey's answer does not hold.",
        "Try again; if it keeps failing, sign in another way and register the passkey anew.");
}
