namespace Quoin.Inference.Internal;

/// <summary>Addresses of other gateways, which are the same however they are spelt.</summary>
internal static class SpendAddress
{
    /// <summary>The spelling they are compared by.</summary>
    /// <param name="baseUrl">A proper http or https address.</param>
    public static string Of(string baseUrl)
    {
        var url = new Uri(baseUrl);
        return $"{url.Scheme}://{url.IdnHost.TrimEnd('.')}:{url.Port}{url.AbsolutePath.TrimEnd('/')}";
    }
}
