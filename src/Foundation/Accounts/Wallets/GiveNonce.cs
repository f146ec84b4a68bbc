using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Who is going to sign, where that is known; then the whole message comes back with the nonce.</summary>
/// <param name="Address">The wallet's address, with its EIP-55 checksum or all small.</param>
/// <param name="ChainId">The chain it is on; the first of those let in where left out.</param>
internal sealed record NonceRequest(string? Address = null, long? ChainId = null);

/// <summary>What a wallet's signature needs.</summary>
/// <param name="Nonce">Works once.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="Domain">The domain the message must name.</param>
/// <param name="Uri">The URI the message must name.</param>
/// <param name="ChainIds">The chains let in.</param>
/// <param name="Message">The message to sign, where an address was given.</param>
internal sealed record GivenNonce(
    string Nonce, DateTimeOffset ExpiresAt, string Domain, string Uri, IReadOnlyList<long> ChainIds, string? Message);

/// <summary>Gives out nonces for wallets' signatures.</summary>
internal sealed class GiveNonce(SiweNonces nonces, PublicLinks links, ProofOptions options)
{
    private const string SignInStatement = "Sign in to Quoin.";
    private const string LinkStatement = "Let this wallet sign in to my Quoin account from now on.";

    /// <summary><c>POST /v1/auth/wallet/nonce</c>.</summary>
    public static Task<Results<Ok<GivenNonce>, Problem>> Endpoint(
        NonceRequest body, GiveNonce handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Answer(body, null, context, cancellationToken);

    /// <summary><c>POST /v1/me/wallets/nonce</c>.</summary>
    public static Task<Results<Ok<GivenNonce>, Problem>> LinkEndpoint(
        NonceRequest body, GiveNonce handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Answer(body, context.Caller().Person(), context, cancellationToken);

    private async Task<Results<Ok<GivenNonce>, Problem>> Answer(
        NonceRequest request, UserId? user, HttpContext context, CancellationToken cancellationToken)
    {
        if (options.WalletChains.Count == 0)
        {
            return new Problem(ProofProblems.MethodOff, "Wallets are not let in here.");
        }

        if (links.Origin(context.Request) is not { } origin)
        {
            return AccountsProblems.PublicUrlUnknown();
        }

        EthereumAddress? address = null;
        if (request.Address is { } text)
        {
            if (!EthereumAddress.TryParse(text, out var read) && !EthereumAddress.TryParseSmall(text, out read))
            {
                return AccountsProblems.Of(InvalidInput.Of(
                    ("address", "must be 0x and 40 digits, with the capitals of EIP-55 or with none"))!);
            }

            address = read;
        }

        if (request.ChainId is { } chain && !options.WalletChains.Contains(chain))
        {
            return new Problem(ProofProblems.SiweOtherChain, $"Chain {chain} is not among those let in.");
        }

        var nonce = await nonces.Create(user, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new GivenNonce(
            nonce.Text,
            nonce.ExpiresAt,
            origin.Authority,
            PublicLinks.Text(origin),
            options.WalletChains,
            address is { } wallet ? Message(wallet, request.ChainId, user, origin, nonce) : null));
    }

    private string Message(EthereumAddress wallet, long? chain, UserId? user, Uri origin, SiweNonce nonce) =>
        new SiweMessage(
            origin.Authority,
            wallet,
            new Uri(PublicLinks.Text(origin)),
            chain ?? options.WalletChains[0],
            nonce.Text,
            nonce.CreatedAt)
        {
            Statement = user is null ? SignInStatement : LinkStatement,
            ExpirationTime = nonce.ExpiresAt,
        }.ToString();
}
