using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The operator's people, for the console, the command line and the demo. None exists until somebody with the database
/// makes one.
/// </summary>
public sealed class Operators
{
    private readonly CreateOperator creating;
    private readonly CreateSignInLink linking;
    private readonly SetOperatorPassword setting;
    private readonly ManageOperators managing;

    internal Operators(
        CreateOperator creating, CreateSignInLink linking, SetOperatorPassword setting, ManageOperators managing) =>
        (this.creating, this.linking, this.setting, this.managing) = (creating, linking, setting, managing);

    /// <summary>All of them, the longest first, straight from the database.</summary>
    public Task<IReadOnlyList<OperatorProfile>> All(CancellationToken cancellationToken) =>
        managing.List(cancellationToken);

    /// <summary>Makes somebody an operator who may do no more than who asks for it.</summary>
    public Task<CreateOperatorOutcome> Add(Caller caller, NewOperator wanted, CancellationToken cancellationToken) =>
        creating.Handle(wanted, caller.Actor, caller.Permissions, IdempotentRequest.None, cancellationToken);

    /// <summary>Gives an operator other roles.</summary>
    public Task<ChangeOperatorOutcome> Change(
        Caller caller, UserId person, OperatorChange change, CancellationToken cancellationToken) =>
        managing.Change(caller, person, change, cancellationToken);

    /// <summary>Ends somebody's being an operator; they stay a person.</summary>
    public Task<ChangeOperatorOutcome> Remove(
        Caller caller, UserId person, string? reason, CancellationToken cancellationToken) =>
        managing.Remove(caller, person, reason, cancellationToken);

    /// <summary>Makes somebody an operator.</summary>
    /// <param name="email">Their address; the same whatever its capitals.</param>
    /// <param name="roles">What they may do; see <see cref="OperatorRole.All"/>.</param>
    /// <param name="actor">Who does it, for the audit log: the id of a person or key, or <c>system</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateOperatorOutcome> Create(
        string email, IReadOnlyList<string> roles, string actor, CancellationToken cancellationToken) =>
        creating.Handle(new NewOperator(email, roles), actor, held: null, IdempotentRequest.None, cancellationToken);

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
