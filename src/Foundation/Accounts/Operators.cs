namespace Quoin.Accounts;

/// <summary>
/// The operator's people, for the command line and the demo. None exists until somebody with the database makes one.
/// </summary>
public sealed class Operators
{
    private readonly CreateOperator creating;
    private readonly CreateSignInLink linking;

    internal Operators(CreateOperator creating, CreateSignInLink linking) =>
        (this.creating, this.linking) = (creating, linking);

    /// <summary>Makes somebody an operator.</summary>
    /// <param name="email">Their address; the same whatever its capitals.</param>
    /// <param name="roles">What they may do; see <see cref="OperatorRole.All"/>.</param>
    /// <param name="actor">Who does it, for the audit log: the id of a person or key, or <c>system</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateOperatorOutcome> Create(
        string email, IReadOnlyList<string> roles, string actor, CancellationToken cancellationToken) =>
        creating.Handle(email, roles, actor, cancellationToken);

    /// <summary>
    /// Makes a link that signs an operator in to the console, once, within <see cref="Limits.SignInLinkLifetime"/>.
    /// </summary>
    /// <param name="email">The operator's address.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateSignInLinkOutcome> CreateSignInLink(
        string email, string actor, CancellationToken cancellationToken) =>
        linking.Handle(email, actor, cancellationToken);
}
