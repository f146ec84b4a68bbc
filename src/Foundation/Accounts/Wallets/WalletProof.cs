using System.Diagnostics;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A message and the wallet's signature of it.</summary>
/// <param name="Message">The message, exactly as it was signed.</param>
/// <param name="Signature">The signature: <c>0x</c> and 130 hexadecimal digits.</param>
/// <param name="ReturnTo">The page to go on at; <c>/</c> where left out.</param>
internal sealed record SignedMessage(string Message, string Signature, string? ReturnTo = null);

/// <summary>Every way looking at a signed message can end, in the order it is checked. The nonce comes after.</summary>
internal abstract record WalletProof
{
    private WalletProof()
    {
    }

    /// <summary>It is no such message.</summary>
    public sealed record Malformed : WalletProof;

    /// <summary>What it says does not hold here and now.</summary>
    public sealed record Refused(SiweVerdict Verdict) : WalletProof;

    /// <summary>Somebody else signed, or something else was signed.</summary>
    public sealed record BadSignature : WalletProof;

    /// <summary>The wallet's owner signed this for here and now.</summary>
    public sealed record Holds(SiweMessage Message) : WalletProof;

    /// <summary>What an endpoint that takes a signed message may answer.</summary>
    public static ProblemCode[] Problems { get; } =
    [
        AccountsProblems.NoPublicUrl, ProofProblems.SiweMalformed, ProofProblems.SiweWrongDomain,
        ProofProblems.SiweOtherChain, ProofProblems.SiweNotYetValid, ProofProblems.SiweExpired,
        ProofProblems.SiweBadSignature, ProofProblems.SiweNonceUsed,
    ];

    /// <summary>Looks at a signed message; changes nothing.</summary>
    public static WalletProof Of(
        SignedMessage signed, Uri origin, IReadOnlyCollection<long> chains, DateTimeOffset now)
    {
        if (!SiweMessage.TryParse(signed.Message, out var message))
        {
            return new Malformed();
        }

        if (message.Judge(origin, chains, now) is var verdict and not SiweVerdict.Good)
        {
            return new Refused(verdict);
        }

        return EthereumSignature.Signer(signed.Message, signed.Signature) == message.Address
            ? new Holds(message)
            : new BadSignature();
    }

    /// <summary>The problem it is told as.</summary>
    public Problem ToProblem() => this switch
    {
        Malformed => new Problem(ProofProblems.SiweMalformed, "The message could not be read."),
        BadSignature => new Problem(ProofProblems.SiweBadSignature, "Another wallet signed, or another text was signed."),
        Refused(SiweVerdict.WrongDomain) => new Problem(
            ProofProblems.SiweWrongDomain, "The message's domain is not the one people reach this Quoin by."),
        Refused(SiweVerdict.WrongUri) => new Problem(
            ProofProblems.SiweWrongDomain, "The message's URI does not begin with the address of this Quoin."),
        Refused(SiweVerdict.OtherChain) => new Problem(
            ProofProblems.SiweOtherChain, "The message's chain is not among those let in."),
        Refused(SiweVerdict.NotYetValid) => new Problem(
            ProofProblems.SiweNotYetValid, "The message counts only later, by this host's clock."),
        Refused(SiweVerdict.Expired) => new Problem(
            ProofProblems.SiweExpired, "The message is too old, by what it says itself or by this host's clock."),
        _ => throw new UnreachableException(),
    };
}
