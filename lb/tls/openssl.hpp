#pragma once

#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <vector>

namespace lb::tls {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* it) const {
    kFree(it);
  }
};

using ContextPtr = std::unique_ptr<SSL_CTX, Free<&SSL_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, Free<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using BioPtr = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using StorePtr = std::unique_ptr<X509_STORE, Free<&X509_STORE_free>>;

/// A certificate with its chain and its key.
struct Identity {
  std::vector<X509Ptr> chain;  // its own first
  KeyPtr key;
};

}  // namespace lb::tls
