namespace Quoin.Accounts;

/// <summary>
/// The operator's people, for the command line and the demo. None exists until somebody with the database makes one.
/// </summary>
public sealed class Operators
{
    private readonly CreateOperator creating;
    private readonly CreateSignInLink linking;
    private readonly SetOperatorPassword setting;

    internal Operators(CreateOperator creating, CreateSignInLink linking, SetOperatorPassword setting) =>
        (this.creating, this.linking, this.setting) = (creating, linking, setting);

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

    /// <summary>Gives an operator a password, in place of the one they have; every session of theirs ends.</summary>
    /// <param name="email">The operator's address.</param>
    /// <param name="password">The password.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<SetPasswordOutcome> SetPassword(
        string email, string password, string actor, CancellationToken cancellationToken) =>
        setting.Handle(email, password, actor, cancellationToken);

    /// <summary>Removes the second factor of somebody, operator or not, who lost phone and recovery codes.</summary>
    /// <param name="email">Their address.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ResetSecondFactorOutcome> ResetSecondFactor(
        string email, string actor, CancellationToken cancellationToken) =>
        setting.ResetSecondFactor(email, actor, cancellationToken);
}
