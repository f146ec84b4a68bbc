using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A genuine event on its way into the inbox.</summary>
/// <param name="provider">The provider's name.</param>
/// <param name="mode">Whose secret it was signed with.</param>
/// <param name="head">What the door read.</param>
/// <param name="payload">The bytes as they came.</param>
internal sealed class ReceivedEvent(string provider, PaymentMode mode, ProviderEventHead head, byte[] payload) : IGroupWork
{
    private const int KibibyteBytes = 1024;

    /// <summary>Nobody's yet: all events share one queue.</summary>
    public OrgId Org => default;

    public int Weight => 1 + (payload.Length / KibibyteBytes);

    public string Provider => provider;

    public PaymentMode Mode => mode;

    public ProviderEventHead Head => head;

    public byte[] Payload => payload;
}
